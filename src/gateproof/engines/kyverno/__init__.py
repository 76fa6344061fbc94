"""Kyverno policies (``kyverno.io`` ClusterPolicy and Policy): validate rules, whole.

Read in this order: ``policy`` (YAML to rules), ``match`` (which objects a rule is for), ``autogen`` (rules for Pods on
the controllers that make Pods), ``checks`` (what a rule checks, a table of kinds), ``pattern`` (the overlay language),
``scalars`` (one value against one pattern), ``conditions`` and ``operators``, ``foreach``, ``scope`` and ``variables``
(``{{ … }}``, evaluated by ``jmespath``), ``context`` and ``answers`` (what is known from outside), ``engine`` (rules to
Results).

The verdicts are Kyverno's own (https://kyverno.io/docs/policy-types/cluster-policy/validate/), and what is not
supported is refused when the policy is loaded. On purpose it differs in these, each time towards the stricter:

- A list pattern with several elements is refused: Kyverno reads the first and drops the others.
- A mismatch is a failure even where Kyverno reports an error because some anchor's key is missing in the object.
- Text of the object is never taken for an anchor's verdict; Kyverno looks for its own words in its error messages.
- Patterns of labels and annotations that are no strings are matched; where it expands wildcards, Kyverno drops them.
- Where a key with wildcards matches several labels, the first by name is checked; Kyverno takes any one of them.
- ``exclude`` never excludes by who asks where nobody is known to ask, before a request.
- Labels of a namespace and roles that are not known, and decide, are an error; Kyverno's command line sees none.
- For CronJobs, only those filters of ``exclude`` that name Pod are redirected; Kyverno redirects every one.
- An exception counts only until it expires (see ``exceptions``); Kyverno's last until somebody deletes them.
- A rule that does not say its failure action is not taken for one that is only audited.
- A value of the object that has ``{{`` in it, written into a longer text, is an error; Kyverno evaluates it.
- ``semver_compare`` of what is no version is an error; Kyverno takes it for 0.0.0.
- What is computed from values that were replaced before judging (those of Secrets) is an error.
- ``allowExistingViolations`` excuses nothing: what is changed is judged as what is created.
- Rules for CronJobs judge those of every version; Kyverno's only ``batch/v1``.
- A rule that is already named ``autogen-…`` is kept beside those that are generated.
"""
