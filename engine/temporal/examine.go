package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"errand/engine"
	"errand/engine/credential"
)

// shortRetention is the retention below which Examine warns. A service request that comes again
// after the retention starts a second run.
const shortRetention = 30 * 24 * time.Hour

// smallestPayload is the limit of a payload's size that Errand expects, in bytes: the default of
// Temporal's servers.
const smallestPayload = 2 << 20

// howToStartWorker is the hint if nobody works.
const howToStartWorker = "errand-worker worker starts a worker"

// howToSetUp is the hint if the namespace is not prepared.
const howToSetUp = "errand-worker setup adds them"

// A Fact is one thing that Examine found out.
type Fact struct {
	What    string // a short name, such as "server"
	Message string
	Hint    string // empty if there is nothing to do
	OK      bool   // it is as it must be
	Warning bool   // runs are carried out, but something may go wrong later
}

func good(what, format string, args ...any) Fact {
	return Fact{What: what, Message: fmt.Sprintf(format, args...), OK: true}
}

func warning(what, hint, format string, args ...any) Fact {
	return Fact{What: what, Message: fmt.Sprintf(format, args...), Hint: hint, OK: true, Warning: true}
}

func bad(what, hint, format string, args ...any) Fact {
	return Fact{What: what, Message: fmt.Sprintf(format, args...), Hint: hint}
}

func badError(what string, err error) Fact {
	if t, ok := errors.AsType[*engine.Trouble](err); ok {
		return bad(what, t.Hint, "%v", t)
	}
	return bad(what, "", "%s", plainMessage(err))
}

// Examine finds out whether runs can be carried out through a connection, for an administrator. It
// changes nothing. The deployment may be empty.
func Examine(ctx context.Context, connection Connection, deployment string, store *credential.Store, logger *slog.Logger) []Fact {
	facts := []Fact{examineKey(ctx, store)}
	c, err := connection.Dial(ctx, nil, logger)
	if err != nil {
		return append(facts, badError("server", err))
	}
	defer c.Close()
	options, err := connection.options(envconfig.EnvLookupOS)
	if err != nil {
		return append(facts, badError("server", err))
	}
	x := examination{c, options, connection.Queue(), deployment}
	facts = append(facts, x.server(ctx))
	facts = append(facts, x.namespace(ctx)...)
	facts = append(facts, x.attributes(ctx))
	facts = append(facts, x.workers(ctx)...)
	return append(facts, x.versions(ctx), x.clock(ctx))
}

func examineKey(ctx context.Context, store *credential.Store) Fact {
	c, err := store.Cipher(ctx, cipherPurpose)
	if err != nil {
		_, err = OpenCodec(ctx, store)
	}
	if err != nil {
		return badError("key", err)
	}
	return good("key", "payloads are encrypted with the key %s", c.Name())
}

// An examination looks at one server.
type examination struct {
	client     client.Client
	options    client.Options
	queue      string
	deployment string
}

func (x examination) server(ctx context.Context) Fact {
	info, err := x.client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	if err != nil {
		return badError("server", err)
	}
	reached := fmt.Sprintf("Temporal %s at %s", info.GetServerVersion(), x.options.HostPort)
	switch {
	case x.options.ConnectionOptions.TLS != nil:
		return good("server", "%s, with TLS", reached)
	case x.options.Credentials != nil:
		return warning("server", "TEMPORAL_TLS=true turns TLS on", "%s, without TLS: the API key can be read on the way", reached)
	}
	return good("server", "%s, without TLS", reached)
}

func (x examination) namespace(ctx context.Context) []Fact {
	const what = "namespace"
	found, err := describeNamespace(ctx, x.client, x.options.Namespace)
	if err != nil {
		return []Fact{badError(what, err)}
	}
	var facts []Fact
	kept := found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration()
	if kept < shortRetention {
		facts = append(facts, warning(what, "temporal operator namespace update --retention 90d -n "+x.options.Namespace,
			"%q forgets a run %s after its end: a service request that comes again later starts a second run", x.options.Namespace, inDays(kept)))
	} else {
		facts = append(facts, good(what, "%q keeps runs for %s: a service request that comes again until then starts no second run", x.options.Namespace, inDays(kept)))
	}
	if found.GetConfig().GetHistoryArchivalState() == enumspb.ARCHIVAL_STATE_ENABLED {
		facts = append(facts, good("archive", "histories are archived at %s; errand does not read them", found.GetConfig().GetHistoryArchivalUri()))
	}
	if limit := found.GetNamespaceInfo().GetLimits().GetBlobSizeLimitError(); limit > 0 && limit < smallestPayload {
		facts = append(facts, warning("limits", "", "a payload has at most %d bytes; errand expects %d, so long runs may be refused", limit, smallestPayload))
	}
	return facts
}

// inDays writes a duration in days, or in hours if it is short.
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 2*day {
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/day)
}

func (x examination) attributes(ctx context.Context) Fact {
	const what = "search attributes"
	state, err := readAttributes(ctx, x.client, x.options.Namespace)
	if err != nil {
		return badError(what, err)
	}
	if err := state.wrongTypes(x.options.Namespace); err != nil {
		return badError(what, err)
	}
	if len(state.missing) > 0 {
		return bad(what, howToSetUp, "missing: %s", strings.Join(attributeNames(state.missing), ", "))
	}
	return good(what, "all %d are there", len(attributes))
}

// workers looks who asks for work.
func (x examination) workers(ctx context.Context) []Fact {
	var facts []Fact
	for _, kind := range []struct {
		what string
		of   enumspb.TaskQueueType
	}{{"workers for runs", enumspb.TASK_QUEUE_TYPE_WORKFLOW}, {"workers for calls", enumspb.TASK_QUEUE_TYPE_ACTIVITY}} {
		found, err := x.pollers(ctx, x.queue, kind.of)
		switch {
		case err != nil:
			facts = append(facts, badError(kind.what, err))
		case len(found) == 0:
			facts = append(facts, bad(kind.what, howToStartWorker, "nobody asks for work on the task queue %q", x.queue))
		default:
			facts = append(facts, good(kind.what, "%d on the task queue %q", len(found), x.queue))
		}
	}
	return facts
}

func (x examination) pollers(ctx context.Context, queue string, of enumspb.TaskQueueType) ([]*taskqueuepb.PollerInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	found, err := x.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: x.options.Namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue, Kind: enumspb.TASK_QUEUE_KIND_NORMAL}, TaskQueueType: of,
	})
	return found.GetPollers(), err
}

// versions looks at the current version of the deployment, and whether it has workers.
func (x examination) versions(ctx context.Context) Fact {
	const what = "version"
	if x.deployment == "" {
		return warning(what, "", "workers have no versions: a run may go on with another program than it began with")
	}
	all, err := Versions(ctx, x.client, x.options.Namespace, x.deployment)
	if err != nil {
		return badError(what, err)
	}
	draining := 0
	var current *VersionState
	for i := range all {
		switch all[i].Status {
		case VersionCurrent:
			current = &all[i]
		case VersionDraining:
			draining++
		}
	}
	if current == nil {
		return bad(what, "errand-worker promote makes one the current one", "the deployment %q has no current version, so no run begins; it has other versions: %d", x.deployment, len(all))
	}
	pollers, err := x.pollers(ctx, x.queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return badError(what, err)
	}
	for _, p := range pollers {
		if o := p.GetDeploymentOptions(); o.GetDeploymentName() == x.deployment && o.GetBuildId() == current.Build {
			return good(what, "the current one of %q is %q; others that still have runs: %d", x.deployment, current.Build, draining)
		}
	}
	return bad(what, howToStartWorker, "the current version of %q is %q, and no worker of it asks for work", x.deployment, current.Build)
}
