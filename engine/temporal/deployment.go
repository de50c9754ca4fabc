package temporal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// A Version identifies the program of a worker. A run stays with the version that began it, so a new
// program never interprets the record of an old one. The zero Version is of a worker without
// versions: then a run goes on with whatever worker takes it.
type Version struct {
	Deployment string // the name of all workers that belong together
	Build      string // the program, such as "1.4.2" or a commit
}

// Check reports what is wrong with a version.
func (v Version) Check() error {
	const longest = 200
	switch {
	case v == Version{}:
		return nil
	case v.Deployment == "" || v.Build == "":
		return settings("", "a version has a deployment and a build, got %q and %q", v.Deployment, v.Build)
	case strings.Contains(v.Deployment, "."):
		return settings("", "the deployment is %q; expected a name without a full stop", v.Deployment)
	case strings.HasPrefix(v.Deployment, "__") || strings.HasPrefix(v.Build, "__"):
		return settings("", "names that begin with \"__\" are Temporal's own: %q and %q", v.Deployment, v.Build)
	case len(v.Deployment) > longest || len(v.Build) > longest:
		return settings("", "the names of a deployment and a build have at most %d bytes", longest)
	}
	return nil
}

// options returns what a worker says about its version.
func (v Version) options() worker.DeploymentOptions {
	if v == (Version{}) {
		return worker.DeploymentOptions{}
	}
	return worker.DeploymentOptions{
		UseVersioning:             true,
		Version:                   worker.WorkerDeploymentVersion{DeploymentName: v.Deployment, BuildID: v.Build},
		DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
	}
}

// lockOptions returns the options of the workflows that are locks. A lock goes on with the promoted build: it
// may have a queue for as long as there are runs with its key, and would keep an old build in use. So a change
// of lock must replay the histories of locks.
func (v Version) lockOptions() workflow.RegisterOptions {
	options := workflow.RegisterOptions{Name: lockName}
	if v != (Version{}) {
		options.VersioningBehavior = workflow.VersioningBehaviorAutoUpgrade
	}
	return options
}

// Promote makes a version the current one: new runs begin with it, and the others stay with theirs.
// A worker of the version must have asked for work.
func Promote(ctx context.Context, c client.Client, v Version) error {
	if v == (Version{}) {
		return settings("", "there is no version: a deployment and a build are missing")
	}
	if err := v.Check(); err != nil {
		return err
	}
	_, err := c.WorkerDeploymentClient().GetHandle(v.Deployment).SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: v.Build})
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return settings("errand-worker worker starts one", "no worker of the build %q of the deployment %q has asked for work yet", v.Build, v.Deployment)
	}
	if failed, ok := errors.AsType[*serviceerror.FailedPrecondition](err); ok {
		return settings("errand-worker worker starts one", "the build %q of the deployment %q cannot become the current one yet: its workers must ask for the work of every task queue of the deployment (%s)", v.Build, v.Deployment, failed.Message)
	}
	if err != nil {
		return serverTrouble("the version cannot be made the current one", err)
	}
	return nil
}

// A VersionStatus says what a version is used for.
type VersionStatus string

// The statuses of versions.
const (
	VersionInactive VersionStatus = "inactive" // it has workers, and was never the current one
	VersionCurrent  VersionStatus = "current"  // new runs begin with it
	VersionRamping  VersionStatus = "ramping"  // some new runs begin with it
	VersionDraining VersionStatus = "draining" // only runs that began with it use it
	VersionDrained  VersionStatus = "drained"  // all runs that began with it have ended
)

// A VersionState is how a version stands.
type VersionState struct {
	Build   string
	Status  VersionStatus
	Made    time.Time // when it was first seen
	Since   time.Time // when the status began; zero if that is not known
	Checked time.Time // when the server last looked whether runs of a version that drains are left; zero for others
}

// MayStop reports whether the workers of the version are no longer needed. The server counts runs
// every few minutes, so a version drains with a delay.
func (v VersionState) MayStop() bool {
	return v.Status == VersionDrained
}

var versionStatuses = map[enumspb.WorkerDeploymentVersionStatus]VersionStatus{
	enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_CREATED:  VersionInactive,
	enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE: VersionInactive,
	enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT:  VersionCurrent,
	enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING:  VersionRamping,
	enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: VersionDraining,
	enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED:  VersionDrained,
}

// Versions returns the versions of a deployment, the newest one first. It returns none if no worker
// of the deployment has asked for work.
func Versions(ctx context.Context, c client.Client, namespace, deployment string) ([]VersionState, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*answerTimeout)
	defer cancel()
	found, err := c.WorkflowService().DescribeWorkerDeployment(ctx, &workflowservice.DescribeWorkerDeploymentRequest{Namespace: namespace, DeploymentName: deployment})
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return nil, nil
	}
	if err != nil {
		return nil, serverTrouble("the versions of the deployment cannot be read", err)
	}
	var all []VersionState
	for _, s := range found.GetWorkerDeploymentInfo().GetVersionSummaries() {
		v := VersionState{Build: s.GetDeploymentVersion().GetBuildId(), Status: versionStatuses[s.GetStatus()], Made: asTime(s.GetCreateTime())}
		switch v.Status {
		case VersionCurrent:
			v.Since = asTime(s.GetCurrentSinceTime())
		case VersionRamping:
			v.Since = asTime(s.GetRampingSinceTime())
		case VersionDraining, VersionDrained:
			v.Since, v.Checked = asTime(s.GetDrainageInfo().GetLastChangedTime()), asTime(s.GetDrainageInfo().GetLastCheckedTime())
		}
		all = append(all, v)
	}
	slices.SortStableFunc(all, func(a, b VersionState) int { return b.Made.Compare(a.Made) })
	return all, nil
}

// asTime returns the zero time for a time that is not set.
func asTime(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
