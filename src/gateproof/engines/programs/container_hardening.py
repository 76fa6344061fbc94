# fmt: off
# ruff: noqa
# mypy: ignore-errors
"""The policy container-hardening, compiled: written by tools/pack.py."""

SOURCES = "sha256:2b96fbcd575dec92ce59e7222c87452ff3302d106b1549523d6060db81d965d5"
PLAN = b'\x8b\xa6format\n\xa9functions\xdc\x00\x17\x84\xa4name\xa8rule_0_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_1_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_2_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_1\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_2\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_3\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_3_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_4_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_5_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_4\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_6_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_7_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_8_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_9_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_5\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_6\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_10_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_7\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_8\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_11_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_1\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_3\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\xa9constants\x99\xaaconstant_0\xaaconstant_1\xaaconstant_2\xaaconstant_3\xaaconstant_4\xaaconstant_5\xaaconstant_6\xaaconstant_7\xaaconstant_8\xa5rules\x9c\x84\xa4path\x94\xa9gateproof\xa8policies\xb3container_hardening\xa7applies\xa4kind\xa3set\xa7clauses\x91\xa8rule_0_0\xa2at\xb0policy.rego:28:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb3container_hardening\xa9undecided\xa4kind\xa3set\xa7clauses\x91\xa8rule_1_0\xa2at\xb0policy.rego:30:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb3container_hardening\xa4deny\xa4kind\xa3set\xa7clauses\x91\xa8rule_2_0\xa2at\xb0policy.rego:32:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa7applies\xa4kind\xa8complete\xa7clauses\x91\xa8rule_3_0\xa2at\xae<contract>:3:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa4deny\xa4kind\xa8complete\xa7clauses\x91\xa8rule_4_0\xa2at\xae<contract>:4:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa9undecided\xa4kind\xa8complete\xa7clauses\x91\xa8rule_5_0\xa2at\xae<contract>:5:1\x84\xa4path\x94\xa9gateproof\xa3lib\xaakubernetes\xa6groups\xa4kind\xa8complete\xa7clauses\x91\xa8rule_6_0\xa2at\xb8lib/kubernetes.rego:10:1\x84\xa4path\x94\xa9gateproof\xa3lib\xaakubernetes\xa9workloads\xa4kind\xa8complete\xa7clauses\x91\xa8rule_7_0\xa2at\xb8lib/kubernetes.rego:13:1\x84\xa4path\x94\xa9gateproof\xa3lib\xaakubernetes\xa4pods\xa4kind\xa8complete\xa7clauses\x91\xa8rule_8_0\xa2at\xb8lib/kubernetes.rego:15:1\x84\xa4path\x94\xa9gateproof\xa3lib\xaakubernetes\xaaunreadable\xa4kind\xa3set\xa7clauses\x91\xa8rule_9_0\xa2at\xb8lib/kubernetes.rego:18:1\x84\xa4path\x94\xa9gateproof\xa3lib\xaakubernetes\xa9malformed\xa4kind\xa3set\xa7clauses\x91\xa9rule_10_0\xa2at\xb8lib/kubernetes.rego:34:1\x84\xa4path\x94\xa9gateproof\xa3lib\xaakubernetes\xaacontainers\xa4kind\xa8complete\xa7clauses\x91\xa9rule_11_0\xa2at\xb8lib/kubernetes.rego:55:1\xa4tree\x81\xa9gateproof\x83\xa8policies\x81\xb3container_hardening\x83\xa7applies\x00\xa9undecided\x01\xa4deny\x02\xa8contract\x83\xa7applies\x03\xa4deny\x04\xa9undecided\x05\xa3lib\x81\xaakubernetes\x86\xa6groups\x06\xa9workloads\x07\xa4pods\x08\xaaunreadable\t\xa9malformed\n\xaacontainers\x0b\xa5nodes\x90\xa8builtins\x9a\xacarray.concat\xa7sprintf\xaaobject.get\xa8is_array\xa9is_object\xa5count\xa9is_string\xacjson.marshal\xa9is_number\xa5floor\xa7outputs\x90\xa8standing\x91\x06\xa5sites\x90\xa7clauses\x90'


# data.gateproof.policies.container_hardening.applies (policy.rego:28:1)
def rule_0_0(ctx, out):
    v1 = rule_7(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v3 = v2.get('address', UNDEFINED) if type(v2) is dict else element(v2, 'address')
        if v3 is UNDEFINED:
            continue
        out[v3 if type(v3) is str else key_of(ctx, v3)] = v3
    return UNDEFINED


# data.gateproof.policies.container_hardening.undecided (policy.rego:30:1)
def rule_1_0(ctx, out):
    v1 = rule_9(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        out[v2 if type(v2) is str else key_of(ctx, v2)] = v2
    return UNDEFINED


# data.gateproof.policies.container_hardening.deny (policy.rego:32:1), data.gateproof.policies.container_hardening.deny (policy.rego:34:1), data.gateproof.policies.container_hardening.deny (policy.rego:42:1), data.gateproof.policies.container_hardening.deny (policy.rego:51:1), data.gateproof.policies.container_hardening.deny (policy.rego:61:1)
def rule_2_0(ctx, out):
    v1 = rule_10(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        out[v2 if type(v2) is str else key_of(ctx, v2)] = v2
    v1_1 = rule_11(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v3_1 = function_1(ctx, v2_1, 'runAsNonRoot')
        if v3_1 is UNDEFINED:
            continue
        if v3_1 is True:
            continue
        v5_1 = v2_1.get('path', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'path')
        if v5_1 is UNDEFINED:
            continue
        v6_1 = chained(ctx, v5_1, constant_0, builtin_array_concat)
        if v6_1 is UNDEFINED:
            continue
        v7_1 = UNDEFINED
        v1_i1 = v2_1.get('container', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'container')
        v2_i1 = v1_i1.get('name', UNDEFINED) if type(v1_i1) is dict else element(v1_i1, 'name')
        if v2_i1 is not UNDEFINED:
            v3_i1 = type(v2_i1) is str
            if v3_i1 is not UNDEFINED and v3_i1 is not False:
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v4_i1 = builtin_sprintf(ctx, 'container %q', [v2_i1])
                if v4_i1 is not UNDEFINED:
                    v7_1 = v4_i1
        if v7_1 is UNDEFINED:
            v7_1 = 'a container without a name'
        if v7_1 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v8_1 = function_3(ctx, v3_1)
        if v8_1 is UNDEFINED:
            continue
        v9_1 = written(ctx, f'{v7_1} may run as root: runAsNonRoot is {v8_1}') if type(v7_1) is str and type(v8_1) is str else builtin_sprintf(ctx, '%s may run as root: runAsNonRoot is %s', [v7_1, v8_1])
        if v9_1 is UNDEFINED:
            continue
        v10_1 = v2_1.get('r', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'r')
        v11_1 = v10_1.get('address', UNDEFINED) if type(v10_1) is dict else element(v10_1, 'address')
        if v11_1 is UNDEFINED:
            continue
        ctx.budget.steps -= 4
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v12_1 = made_of(ctx, {'resource': v11_1, 'message': v9_1, 'path': v6_1}, [v11_1, v6_1])
        out[v12_1 if type(v12_1) is str else key_of(ctx, v12_1)] = v12_1
    v1_2 = rule_11(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v3_2 = v2_2.get('container', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'container')
        v4_2 = v3_2.get('securityContext', UNDEFINED) if type(v3_2) is dict else element(v3_2, 'securityContext')
        v5_2 = v4_2.get('runAsUser', UNDEFINED) if type(v4_2) is dict else element(v4_2, 'runAsUser')
        if v5_2 is UNDEFINED:
            continue
        if v5_2 is None:
            continue
        v7_2 = UNDEFINED
        v1_i2 = builtin_is_number(ctx, v5_2)
        if v1_i2 is not UNDEFINED and v1_i2 is not False:
            v2_i2 = builtin_floor(ctx, v5_2)
            if v2_i2 is not UNDEFINED:
                if v5_2 == v2_i2 if type(v5_2) is str and len(v5_2) < 1024 else same(ctx, v5_2, v2_i2):
                    v3_i2 = v5_2 > 0 if type(v5_2) is int else greater(ctx, v5_2, 0)
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    if v3_i2 is not False:
                        v7_2 = True
        if v7_2 is not UNDEFINED and v7_2 is not False:
            continue
        v8_2 = v2_2.get('path', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'path')
        if v8_2 is UNDEFINED:
            continue
        v9_2 = chained(ctx, v8_2, constant_1, builtin_array_concat)
        if v9_2 is UNDEFINED:
            continue
        v10_2 = UNDEFINED
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v1_i3 = v2_2.get('container', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'container')
        v2_i3 = v1_i3.get('name', UNDEFINED) if type(v1_i3) is dict else element(v1_i3, 'name')
        if v2_i3 is not UNDEFINED:
            v3_i3 = type(v2_i3) is str
            if v3_i3 is not UNDEFINED and v3_i3 is not False:
                v4_i3 = builtin_sprintf(ctx, 'container %q', [v2_i3])
                if v4_i3 is not UNDEFINED:
                    v10_2 = v4_i3
                    ctx.budget.steps -= 1
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
        if v10_2 is UNDEFINED:
            v10_2 = 'a container without a name'
        if v10_2 is UNDEFINED:
            continue
        v11_2 = function_3(ctx, v5_2)
        if v11_2 is UNDEFINED:
            continue
        v12_2 = written(ctx, f'{v10_2} runs as user {v11_2}') if type(v10_2) is str and type(v11_2) is str else builtin_sprintf(ctx, '%s runs as user %s', [v10_2, v11_2])
        if v12_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v13_2 = v2_2.get('r', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'r')
        v14_2 = v13_2.get('address', UNDEFINED) if type(v13_2) is dict else element(v13_2, 'address')
        if v14_2 is UNDEFINED:
            continue
        v15_2 = made_of(ctx, {'resource': v14_2, 'message': v12_2, 'path': v9_2}, [v14_2, v9_2])
        out[v15_2 if type(v15_2) is str else key_of(ctx, v15_2)] = v15_2
    v1_3 = rule_8(ctx)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    for v2_3 in values(ctx, v1_3) if v1_3 is not UNDEFINED else ():
        v3_3 = v2_3.get('pod', UNDEFINED) if type(v2_3) is dict else element(v2_3, 'pod')
        v4_3 = v3_3.get('securityContext', UNDEFINED) if type(v3_3) is dict else element(v3_3, 'securityContext')
        v5_3 = v4_3.get('runAsUser', UNDEFINED) if type(v4_3) is dict else element(v4_3, 'runAsUser')
        if v5_3 is UNDEFINED:
            continue
        if v5_3 is None:
            continue
        v7_3 = UNDEFINED
        v1_i4 = builtin_is_number(ctx, v5_3)
        if v1_i4 is not UNDEFINED and v1_i4 is not False:
            v2_i4 = builtin_floor(ctx, v5_3)
            if v2_i4 is not UNDEFINED:
                if v5_3 == v2_i4 if type(v5_3) is str and len(v5_3) < 1024 else same(ctx, v5_3, v2_i4):
                    v3_i4 = v5_3 > 0 if type(v5_3) is int else greater(ctx, v5_3, 0)
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    if v3_i4 is not False:
                        v7_3 = True
        if v7_3 is not UNDEFINED and v7_3 is not False:
            continue
        v8_3 = v2_3.get('pod_path', UNDEFINED) if type(v2_3) is dict else element(v2_3, 'pod_path')
        if v8_3 is UNDEFINED:
            continue
        v9_3 = chained(ctx, v8_3, constant_2, builtin_array_concat)
        if v9_3 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v10_3 = function_3(ctx, v5_3)
        if v10_3 is UNDEFINED:
            continue
        v11_3 = written(ctx, f"the Pod's containers run as user {v10_3}") if type(v10_3) is str else builtin_sprintf(ctx, "the Pod's containers run as user %s", [v10_3])
        if v11_3 is UNDEFINED:
            continue
        v12_3 = v2_3.get('address', UNDEFINED) if type(v2_3) is dict else element(v2_3, 'address')
        if v12_3 is UNDEFINED:
            continue
        ctx.budget.steps -= 4
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v13_3 = made_of(ctx, {'resource': v12_3, 'message': v11_3, 'path': v9_3}, [v12_3, v9_3])
        out[v13_3 if type(v13_3) is str else key_of(ctx, v13_3)] = v13_3
    v1_4 = rule_11(ctx)
    for v2_4 in values(ctx, v1_4) if v1_4 is not UNDEFINED else ():
        v4_4 = v2_4.get('r', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'r')
        v5_4 = v4_4.get('pod', UNDEFINED) if type(v4_4) is dict else element(v4_4, 'pod')
        if v5_4 is UNDEFINED:
            continue
        v7_4 = UNDEFINED
        v1_i5 = v5_4.get('os', UNDEFINED) if type(v5_4) is dict else element(v5_4, 'os')
        v2_i5 = v1_i5.get('name', UNDEFINED) if type(v1_i5) is dict else element(v1_i5, 'name')
        if v2_i5 == 'windows':
            v7_4 = True
        if v7_4 is not UNDEFINED and v7_4 is not False:
            continue
        v9_4 = v2_4.get('container', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'container')
        v10_4 = v9_4.get('securityContext', UNDEFINED) if type(v9_4) is dict else element(v9_4, 'securityContext')
        v11_4 = v10_4.get('readOnlyRootFilesystem', UNDEFINED) if type(v10_4) is dict else element(v10_4, 'readOnlyRootFilesystem')
        if v11_4 is True:
            continue
        v12_4 = v2_4.get('path', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'path')
        if v12_4 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v13_4 = chained(ctx, v12_4, constant_3, builtin_array_concat)
        if v13_4 is UNDEFINED:
            continue
        v14_4 = UNDEFINED
        v1_i6 = v2_4.get('container', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'container')
        v2_i6 = v1_i6.get('name', UNDEFINED) if type(v1_i6) is dict else element(v1_i6, 'name')
        if v2_i6 is not UNDEFINED:
            v3_i6 = type(v2_i6) is str
            if v3_i6 is not UNDEFINED and v3_i6 is not False:
                v4_i6 = builtin_sprintf(ctx, 'container %q', [v2_i6])
                if v4_i6 is not UNDEFINED:
                    v14_4 = v4_i6
                    ctx.budget.steps -= 1
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
        if v14_4 is UNDEFINED:
            v14_4 = 'a container without a name'
        if v14_4 is UNDEFINED:
            continue
        v15_4 = written(ctx, f'{v14_4} can write to its root file system: readOnlyRootFilesystem is not true') if type(v14_4) is str else builtin_sprintf(ctx, '%s can write to its root file system: readOnlyRootFilesystem is not true', [v14_4])
        if v15_4 is UNDEFINED:
            continue
        v16_4 = v4_4.get('address', UNDEFINED) if type(v4_4) is dict else element(v4_4, 'address')
        if v16_4 is UNDEFINED:
            continue
        ctx.budget.steps -= 4
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v17_4 = made_of(ctx, {'resource': v16_4, 'message': v15_4, 'path': v13_4}, [v16_4, v13_4])
        out[v17_4 if type(v17_4) is str else key_of(ctx, v17_4)] = v17_4
    return UNDEFINED


# constant
def constant_0(ctx):
    return ['securityContext', 'runAsNonRoot']


# constant
def constant_1(ctx):
    return ['securityContext', 'runAsUser']


# constant
def constant_2(ctx):
    return ['securityContext', 'runAsUser']


# constant
def constant_3(ctx):
    return ['securityContext', 'readOnlyRootFilesystem']


# data.gateproof.contract.applies (<contract>:3:1)
def rule_3_0(ctx):
    v1 = rule_0(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.contract.deny (<contract>:4:1)
def rule_4_0(ctx):
    v1 = rule_2(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.contract.undecided (<contract>:5:1)
def rule_5_0(ctx):
    v1 = rule_1(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_4(ctx):
    return ['initContainers', 'containers', 'ephemeralContainers']


# data.gateproof.lib.kubernetes.groups (lib/kubernetes.rego:10:1)
def rule_6_0(ctx):
    return constant_4


# data.gateproof.lib.kubernetes.workloads (lib/kubernetes.rego:13:1)
def rule_7_0(ctx):
    v2 = ctx.input
    v3 = v2.get('resources', UNDEFINED) if type(v2) is dict else element(v2, 'resources')
    v1 = []
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = v4.get('pod_path', UNDEFINED) if type(v4) is dict else element(v4, 'pod_path')
        if v5 is UNDEFINED:
            continue
        if v5 is None:
            continue
        v1.append(v4)
    v6 = made(ctx, v1)
    return v6


# data.gateproof.lib.kubernetes.pods (lib/kubernetes.rego:15:1)
def rule_8_0(ctx):
    v1 = []
    v2 = rule_7(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('pod', UNDEFINED) if type(v3) is dict else element(v3, 'pod')
        if v4 is UNDEFINED:
            continue
        if v4 is None:
            continue
        v1.append(v3)
    v5 = made(ctx, v1)
    return v5


# data.gateproof.lib.kubernetes.unreadable (lib/kubernetes.rego:18:1), data.gateproof.lib.kubernetes.unreadable (lib/kubernetes.rego:23:1)
def rule_9_0(ctx, out):
    v1 = rule_7(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v3 = v2.get('pod', UNDEFINED) if type(v2) is dict else element(v2, 'pod')
        if v3 is not None:
            continue
        v4 = v2.get('address', UNDEFINED)
        if v4 is UNDEFINED:
            continue
        v5 = made_of_one(ctx, {'resource': v4, 'reason': 'its Pod template cannot be read'}, v4)
        out[v5 if type(v5) is str else key_of(ctx, v5)] = v5
    v1_1 = rule_8(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v4_1 = v2_1.get('pod', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'pod')
        if v4_1 is UNDEFINED:
            continue
        v6_1 = UNDEFINED
        v1_i7 = v4_1.get('containers', UNDEFINED) if type(v4_1) is dict else element(v4_1, 'containers')
        if v1_i7 is not UNDEFINED:
            v2_i7 = type(v1_i7) is list
            if v2_i7 is not UNDEFINED and v2_i7 is not False:
                v3_i7 = len(v1_i7) if type(v1_i7) is list else builtin_count(ctx, v1_i7)
                if v3_i7 is not UNDEFINED:
                    v4_i7 = v3_i7 > 0 if type(v3_i7) is int else greater(ctx, v3_i7, 0)
                    if v4_i7 is not False:
                        v6_1 = True
                        ctx.budget.steps -= 1
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
        if v6_1 is not UNDEFINED and v6_1 is not False:
            continue
        v7_1 = v2_1.get('address', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'address')
        if v7_1 is UNDEFINED:
            continue
        v8_1 = made_of_one(ctx, {'resource': v7_1, 'reason': 'spec.containers is not a list of containers'}, v7_1)
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        out[v8_1 if type(v8_1) is str else key_of(ctx, v8_1)] = v8_1
    return UNDEFINED


# constant
def constant_5(ctx):
    return ['initContainers', 'containers', 'ephemeralContainers']


# constant
def constant_6(ctx):
    return []


# data.gateproof.lib.kubernetes.malformed (lib/kubernetes.rego:34:1), data.gateproof.lib.kubernetes.malformed (lib/kubernetes.rego:42:1), data.gateproof.lib.kubernetes.malformed (lib/kubernetes.rego:47:1)
def rule_10_0(ctx, out):
    v1 = rule_8(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        for v3 in values(ctx, constant_5) if constant_5 is not UNDEFINED else ():
            v5 = v2.get('pod', UNDEFINED) if type(v2) is dict else element(v2, 'pod')
            if v5 is UNDEFINED:
                continue
            v6 = v5.get(v3, constant_6) if type(v5) is dict and type(v3) is str else picked(ctx, v5, v3, constant_6, builtin_object_get)
            if v6 is UNDEFINED:
                continue
            v8 = type(v6) is list
            if v8 is not UNDEFINED and v8 is not False:
                continue
            v9 = v5.get(v3, UNDEFINED) if type(v5) is dict and type(v3) is str else get(v5, v3 if type(v3) is str else v3 if type(v3) is int else paid(ctx, v3))
            if v9 is UNDEFINED:
                continue
            if v9 is None:
                continue
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v10 = written(ctx, f'{v3} is not a list') if type(v3) is str else builtin_sprintf(ctx, '%s is not a list', [v3])
            if v10 is UNDEFINED:
                continue
            v11 = v2.get('address', UNDEFINED) if type(v2) is dict else element(v2, 'address')
            if v11 is UNDEFINED:
                continue
            v12 = v2.get('pod_path', UNDEFINED) if type(v2) is dict else element(v2, 'pod_path')
            if v12 is UNDEFINED:
                continue
            v13 = made_of_one(ctx, [v3], v3)
            v14 = chained(ctx, v12, v13, builtin_array_concat)
            if v14 is UNDEFINED:
                continue
            ctx.budget.steps -= 4
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v15 = made_of(ctx, {'resource': v11, 'message': v10, 'path': v14}, [v11, v14])
            out[v15 if type(v15) is str else key_of(ctx, v15)] = v15
    v1_1 = rule_11(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v4_1 = v2_1.get('container', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'container')
        if v4_1 is UNDEFINED:
            continue
        v6_1 = type(v4_1) is dict
        if v6_1 is not UNDEFINED and v6_1 is not False:
            continue
        v7_1 = v2_1.get('r', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'r')
        v8_1 = v7_1.get('address', UNDEFINED) if type(v7_1) is dict else element(v7_1, 'address')
        if v8_1 is UNDEFINED:
            continue
        v9_1 = v2_1.get('path', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'path')
        if v9_1 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v10_1 = made_of(ctx, {'resource': v8_1, 'message': 'a container is not an object', 'path': v9_1}, [v8_1, v9_1])
        out[v10_1 if type(v10_1) is str else key_of(ctx, v10_1)] = v10_1
    v1_2 = rule_11(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v4_2 = v2_2.get('container', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'container')
        if v4_2 is UNDEFINED:
            continue
        v5_2 = v4_2.get('securityContext', constant_7) if type(v4_2) is dict else builtin_object_get(ctx, v4_2, 'securityContext', constant_7)
        if v5_2 is UNDEFINED:
            continue
        v7_2 = type(v5_2) is dict
        if v7_2 is not UNDEFINED and v7_2 is not False:
            continue
        v8_2 = v4_2.get('securityContext', UNDEFINED) if type(v4_2) is dict else element(v4_2, 'securityContext')
        if v8_2 is UNDEFINED:
            continue
        if v8_2 is None:
            continue
        v9_2 = UNDEFINED
        v1_i8 = v2_2.get('container', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'container')
        v2_i8 = v1_i8.get('name', UNDEFINED) if type(v1_i8) is dict else element(v1_i8, 'name')
        if v2_i8 is not UNDEFINED:
            v3_i8 = type(v2_i8) is str
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            if v3_i8 is not UNDEFINED and v3_i8 is not False:
                v4_i8 = builtin_sprintf(ctx, 'container %q', [v2_i8])
                if v4_i8 is not UNDEFINED:
                    v9_2 = v4_i8
        if v9_2 is UNDEFINED:
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v9_2 = 'a container without a name'
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        if v9_2 is UNDEFINED:
            continue
        v10_2 = written(ctx, f'{v9_2}: securityContext is not an object') if type(v9_2) is str else builtin_sprintf(ctx, '%s: securityContext is not an object', [v9_2])
        if v10_2 is UNDEFINED:
            continue
        v11_2 = v2_2.get('r', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'r')
        v12_2 = v11_2.get('address', UNDEFINED) if type(v11_2) is dict else element(v11_2, 'address')
        if v12_2 is UNDEFINED:
            continue
        v13_2 = v2_2.get('path', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'path')
        if v13_2 is UNDEFINED:
            continue
        v14_2 = chained(ctx, v13_2, constant_8, builtin_array_concat)
        if v14_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 4
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v15_2 = made_of(ctx, {'resource': v12_2, 'message': v10_2, 'path': v14_2}, [v12_2, v14_2])
        out[v15_2 if type(v15_2) is str else key_of(ctx, v15_2)] = v15_2
    return UNDEFINED


# constant
def constant_7(ctx):
    return {}


# constant
def constant_8(ctx):
    return ['securityContext']


# data.gateproof.lib.kubernetes.containers (lib/kubernetes.rego:55:1)
def rule_11_0(ctx):
    v1 = []
    v2 = rule_8(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        for v4 in values(ctx, constant_5) if constant_5 is not UNDEFINED else ():
            v5 = v3.get('pod', UNDEFINED) if type(v3) is dict else element(v3, 'pod')
            v6 = v5.get(v4, UNDEFINED) if type(v5) is dict and type(v4) is str else get(v5, v4 if type(v4) is str else v4 if type(v4) is int else paid(ctx, v4))
            for k7, v8 in items(ctx, v6) if v6 is not UNDEFINED else ():
                v9 = v3.get('pod_path', UNDEFINED) if type(v3) is dict else element(v3, 'pod_path')
                if v9 is UNDEFINED:
                    continue
                v10 = made_of(ctx, [v4, k7], [v4, k7])
                v11 = chained(ctx, v9, v10, builtin_array_concat)
                if v11 is UNDEFINED:
                    continue
                ctx.budget.steps -= 4
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v12 = made_of(ctx, {'r': v3, 'container': v8, 'path': v11}, [v3, v8, v11])
                v1.append(v12)
    v13 = made(ctx, v1)
    return v13


# data.gateproof.lib.kubernetes.effective (lib/kubernetes.rego:62:1)
def function_1(ctx, a0, a1):
    v1 = a0.get('container', UNDEFINED) if type(a0) is dict else element(a0, 'container')
    v2 = v1.get('securityContext', UNDEFINED) if type(v1) is dict else element(v1, 'securityContext')
    v3 = v2.get(a1, UNDEFINED) if type(v2) is dict and type(a1) is str else get(v2, a1 if type(a1) is str else a1 if type(a1) is int else paid(ctx, a1))
    if v3 is not UNDEFINED:
        if v3 is not None:
            return v3
    v4 = a0.get('r', UNDEFINED) if type(a0) is dict else element(a0, 'r')
    v5 = v4.get('pod', UNDEFINED) if type(v4) is dict else element(v4, 'pod')
    v6 = v5.get('securityContext', UNDEFINED) if type(v5) is dict else element(v5, 'securityContext')
    v7 = v6.get(a1, UNDEFINED) if type(v6) is dict and type(a1) is str else get(v6, a1 if type(a1) is str else a1 if type(a1) is int else paid(ctx, a1))
    if v7 is not UNDEFINED:
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        if v7 is not None:
            return v7
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    return None


# data.gateproof.lib.kubernetes.shown (lib/kubernetes.rego:73:1), data.gateproof.lib.kubernetes.shown (lib/kubernetes.rego:75:1)
def function_3(ctx, a0):
    answer = UNDEFINED
    if a0 is None:
        answer = 'not set'
    if a0 is not None:
        v1_1 = builtin_json_marshal(ctx, a0)
        if v1_1 is not UNDEFINED:
            answer = agree(ctx, answer, v1_1)
    return answer
