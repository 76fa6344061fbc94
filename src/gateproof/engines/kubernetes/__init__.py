"""What the engines for Kubernetes share: objects in policy files, structural schemas, label selectors."""
