"""Gatekeeper: ConstraintTemplates and Constraints on Kubernetes objects and admission requests.

Read in this order: ``template`` (YAML to a compiled rule, with its parameters' schema), ``constraint`` and ``match``
(which objects, with which parameters), ``review`` (what a rule sees of a request), ``expansion`` (what controllers
would make of an object), ``judging`` (one constraint, one review), ``policy`` (what the files of a policy hold),
``engine`` (Results), ``suite`` (gator's test suites). ``native`` is what templates have in CEL.

The verdicts are Gatekeeper's own (https://open-policy-agent.github.io/gatekeeper/website/docs/). What is not supported
is refused when the policy is loaded. On purpose it differs in these, each time towards the stricter:

- What cannot be evaluated is an ERROR; Gatekeeper makes a violation of it, which a constraint may only warn about.
- A violation without a text ``msg``, which Gatekeeper drops in silence, is an ERROR; so is a ``violation`` that is no
  set.
- Where a manifest and the cluster have different labels for a namespace, ``namespaceSelector`` may select by either.
- An object of a manifest that names no namespace may get any: ``scope`` and ``namespaces`` do not leave it out.
- Defaults of parameters count before they are validated, as in a cluster; gator validates first.
- Namespaces that Gatekeeper's Config excludes are judged.
"""
