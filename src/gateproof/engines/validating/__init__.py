"""Validations in CEL as Kubernetes has them, and its own policies made of them: ValidatingAdmissionPolicy.

Read in this order: ``matching`` (which requests a policy is for), ``expressions`` (conditions, variables, validations
and audit annotations, compiled and evaluated; Kyverno's CEL rules and ValidatingPolicies are judged by it, too),
``cluster`` (what is known of namespaces and parameters), ``policy`` (YAML to policies and bindings), ``engine``
(requests to Results).

The verdicts are those of an API server
(https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). A manifest is judged as the
request that creates it. On purpose it differs in these, each time towards the stricter:

- What the API server would look up and is not given here is an ERROR: the labels of a namespace, parameters, who asks.
- An object of another version than the rules name, which an API server would convert, is an ERROR.
- A policy without a binding judges nothing in a cluster; here that is a SKIP which says so.
- With ``failurePolicy: Ignore``, what could not be evaluated is a SKIP, not a PASS.
- The libraries for authorization checks are refused by name.
"""
