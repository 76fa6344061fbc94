// Command celpeer evaluates CEL expressions with cel-go and Kubernetes' libraries, in the environment of an API server.
//
//	celpeer [kubernetes|everything] < requests > answers
//
// A request is a line of JSON: {"source": "...", "variables": {"name": value}}. An answer is one too: the value with its
// types (see encode) and the cost, or the errors of the compiler or of the evaluation; with "times", also the seconds
// that so many evaluations take. "everything" adds cel-go's own
// libraries that an API server does not have, and lets lists have members of several types.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

type request struct {
	Source    string         `json:"source"`
	Variables map[string]any `json:"variables"`
	Times     int            `json:"times"`
}

type answer struct {
	Compile string  `json:"compile,omitempty"`
	Error   string  `json:"error,omitempty"`
	Value   any     `json:"value,omitempty"`
	Cost    *uint64 `json:"cost,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
}

func main() {
	base := environment.MustBaseEnvSet(version.MajorMinor(1, 36))
	if len(os.Args) > 1 && os.Args[1] == "everything" {
		more, err := base.Extend(environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions:        []cel.EnvOption{ext.Bindings(), ext.Encoders(), ext.Math(), ext.Regex()},
		})
		if err != nil {
			panic(err)
		}
		base = more
	}
	env := base.StoredExpressionsEnv()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		said, err := json.Marshal(evaluate(env, asked))
		if err != nil {
			said, _ = json.Marshal(answer{Error: "no answer: " + err.Error()})
		}
		out.Write(append(said, '\n'))
		out.Flush()
	}
}

func evaluate(env *cel.Env, asked request) answer {
	options := []cel.EnvOption{}
	bindings := map[string]any{}
	for name, value := range asked.Variables {
		options = append(options, cel.Variable(name, cel.DynType))
		bindings[name] = native(value)
	}
	env, err := env.Extend(options...)
	if err != nil {
		return answer{Compile: err.Error()}
	}
	checked, issues := env.Compile(asked.Source)
	if issues != nil && issues.Err() != nil {
		return answer{Compile: issues.Err().Error()}
	}
	program, err := env.Program(checked, cel.CostLimit(1000000))
	if err != nil {
		return answer{Compile: err.Error()}
	}
	value, details, err := program.Eval(bindings)
	var cost *uint64
	if details != nil {
		cost = details.ActualCost()
	}
	if err != nil {
		return answer{Error: err.Error(), Cost: cost}
	}
	return answer{Value: encode(value), Cost: cost, Seconds: timed(program, bindings, asked.Times)}
}

// timed says how long so many evaluations take.
func timed(program cel.Program, bindings map[string]any, times int) float64 {
	if times == 0 {
		return 0
	}
	start := time.Now()
	for range times {
		program.Eval(bindings)
	}
	return time.Since(start).Seconds()
}

// native turns numbers into the int64 and float64 that an API server reads.
func native(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		fraction, _ := value.Float64()
		return fraction
	case []any:
		for index := range value {
			value[index] = native(value[index])
		}
	case map[string]any:
		for key := range value {
			value[key] = native(value[key])
		}
	}
	return value
}

// encode gives a value as [type, text], [list, members...] or [map, [key, value]...].
func encode(value ref.Val) any {
	switch value := value.(type) {
	case types.Null:
		return []any{"null"}
	case types.Bool:
		return []any{"bool", bool(value)}
	case types.Int:
		return []any{"int", strconv.FormatInt(int64(value), 10)}
	case types.Uint:
		return []any{"uint", strconv.FormatUint(uint64(value), 10)}
	case types.Double:
		return []any{"double", strconv.FormatFloat(float64(value), 'g', 17, 64)}
	case types.String:
		return []any{"string", string(value)}
	case types.Bytes:
		return []any{"bytes", base64.StdEncoding.EncodeToString(value)}
	case types.Timestamp:
		return []any{"timestamp", value.Time.UTC().Format(time.RFC3339Nano)}
	case types.Duration:
		return []any{"duration", strconv.FormatInt(int64(value.Duration), 10)}
	case *types.Optional:
		if !value.HasValue() {
			return []any{"optional"}
		}
		return []any{"optional", encode(value.GetValue())}
	case traits.Mapper:
		return encodeMap(value)
	case traits.Lister:
		members := []any{"list"}
		for it := value.Iterator(); it.HasNext() == types.True; {
			members = append(members, encode(it.Next()))
		}
		return members
	case ref.Type:
		return []any{"type", value.TypeName()}
	}
	return []any{value.Type().TypeName(), fmt.Sprint(value.Value())}
}

func encodeMap(value traits.Mapper) any {
	members := [][]any{}
	for it := value.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		members = append(members, []any{encode(key), encode(value.Get(key))})
	}
	sort.Slice(members, func(i, j int) bool { return fmt.Sprint(members[i][0]) < fmt.Sprint(members[j][0]) })
	encoded := []any{"map"}
	for _, member := range members {
		encoded = append(encoded, member)
	}
	return encoded
}
