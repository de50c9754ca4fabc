package temporal

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	_ "errand/engine/goldenfile"
)

// A fakeServer answers what a connection asks. It accepts one API key, if it has one.
type fakeServer struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer
	apiKey    string
	forbidden bool // every answer about the namespace is a refusal
	retention time.Duration
	blobLimit int64
	clock     time.Duration // how much the server's clock is ahead

	mu         sync.Mutex
	cloud      bool // no operator's service
	attributes map[string]enumspb.IndexedValueType
	pollers    map[string][]*taskqueuepb.PollerInfo // by task queue
}

func (f *fakeServer) GetSystemInfo(ctx context.Context, _ *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{ServerVersion: "1.2.3", Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, f.check(ctx)
}

func (f *fakeServer) DescribeNamespace(ctx context.Context, r *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	if err := f.check(ctx); err != nil {
		return nil, err
	}
	if f.forbidden {
		return nil, serviceerror.ToStatus(serviceerror.NewPermissionDenied("Request unauthorized.", "")).Err()
	}
	if r.Namespace != "desk" && r.Namespace != "default" {
		return nil, serviceerror.ToStatus(serviceerror.NewNamespaceNotFound(r.Namespace)).Err()
	}
	return &workflowservice.DescribeNamespaceResponse{
		NamespaceInfo: &namespacepb.NamespaceInfo{Name: r.Namespace, Limits: &namespacepb.NamespaceInfo_Limits{BlobSizeLimitError: f.blobLimit}},
		Config:        &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(f.retention)},
	}, nil
}

func (f *fakeServer) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cloud {
		return nil, status.Error(codes.PermissionDenied, "Request unauthorized.")
	}
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: maps.Clone(f.attributes)}, nil
}

func (f *fakeServer) AddSearchAttributes(_ context.Context, r *operatorservice.AddSearchAttributesRequest) (*operatorservice.AddSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cloud {
		return nil, status.Error(codes.PermissionDenied, "Request unauthorized.")
	}
	maps.Copy(f.attributes, r.SearchAttributes)
	return &operatorservice.AddSearchAttributesResponse{}, nil
}

func (f *fakeServer) CountWorkflowExecutions(_ context.Context, r *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, _, _ := strings.Cut(r.Query, " ")
	if _, ok := f.attributes[name]; !ok {
		return nil, status.Error(codes.InvalidArgument, "invalid search attribute")
	}
	return &workflowservice.CountWorkflowExecutionsResponse{}, nil
}

func (f *fakeServer) PollActivityTaskQueue(ctx context.Context, r *workflowservice.PollActivityTaskQueueRequest) (*workflowservice.PollActivityTaskQueueResponse, error) {
	f.mu.Lock()
	f.pollers[r.TaskQueue.Name] = append(f.pollers[r.TaskQueue.Name], &taskqueuepb.PollerInfo{Identity: r.Identity, LastAccessTime: timestamppb.New(time.Now().Add(f.clock))})
	f.mu.Unlock()
	<-ctx.Done()
	return nil, status.FromContextError(ctx.Err()).Err()
}

func (f *fakeServer) DescribeTaskQueue(_ context.Context, r *workflowservice.DescribeTaskQueueRequest) (*workflowservice.DescribeTaskQueueResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &workflowservice.DescribeTaskQueueResponse{Pollers: f.pollers[r.TaskQueue.Name]}, nil
}

func (f *fakeServer) DescribeWorkerDeployment(_ context.Context, r *workflowservice.DescribeWorkerDeploymentRequest) (*workflowservice.DescribeWorkerDeploymentResponse, error) {
	if r.DeploymentName != "desk" {
		return nil, serviceerror.ToStatus(serviceerror.NewNotFound("no such deployment")).Err()
	}
	var all []*deploymentpb.WorkerDeploymentInfo_WorkerDeploymentVersionSummary
	for i, s := range []enumspb.WorkerDeploymentVersionStatus{
		enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED, enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING, enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT,
		enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING, enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE,
	} {
		at := func(hours int) *timestamppb.Timestamp {
			return timestamppb.New(time.Date(2026, 3, 1+i, hours, 0, 0, 0, time.UTC))
		}
		all = append(all, &deploymentpb.WorkerDeploymentInfo_WorkerDeploymentVersionSummary{
			DeploymentVersion: &deploymentpb.WorkerDeploymentVersion{DeploymentName: "desk", BuildId: fmt.Sprint("b", i+1)}, Status: s, CreateTime: at(1),
			CurrentSinceTime: at(2), RampingSinceTime: at(3), DrainageInfo: &deploymentpb.VersionDrainageInfo{LastChangedTime: at(4), LastCheckedTime: at(5)},
		})
	}
	return &workflowservice.DescribeWorkerDeploymentResponse{WorkerDeploymentInfo: &deploymentpb.WorkerDeploymentInfo{Name: "desk", VersionSummaries: all}}, nil
}

func (f *fakeServer) check(ctx context.Context) error {
	given, _ := metadata.FromIncomingContext(ctx)
	if got := given.Get("authorization"); f.apiKey != "" && (len(got) != 1 || got[0] != "Bearer "+f.apiKey) {
		return status.Error(codes.Unauthenticated, "who is it?")
	}
	return nil
}

// start serves on loopback until the test ends, and returns the address.
func (f *fakeServer) start(t *testing.T, config *tls.Config) string {
	t.Helper()
	f.pollers = map[string][]*taskqueuepb.PollerInfo{}
	if f.attributes == nil {
		f.attributes = map[string]enumspb.IndexedValueType{}
	}
	var options []grpc.ServerOption
	if config != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	s := grpc.NewServer(options...)
	workflowservice.RegisterWorkflowServiceServer(s, f)
	operatorservice.RegisterOperatorServiceServer(s, f)
	l := listen(t)
	var served sync.WaitGroup
	served.Go(func() { _ = s.Serve(l) })
	t.Cleanup(func() { s.Stop(); served.Wait() })
	return l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// An authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key, a.file, _ = a.sign(template, nil)
	return a
}

// sign returns a certificate with its key, and the files of both. Without a parent it signs itself.
func (a *authority) sign(template, parent *x509.Certificate) (cert *x509.Certificate, key *ecdsa.PrivateKey, certFile, keyFile string) {
	a.t.Helper()
	must := func(err error) {
		if err != nil {
			a.t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	by := a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	must(err)
	cert, err = x509.ParseCertificate(der)
	must(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	dir := a.t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	return cert, key, certFile, keyFile
}

// leaf returns the files of a certificate for a name, and the certificate itself.
func (a *authority) leaf(name string, edit ...func(*x509.Certificate)) (certFile, keyFile string, pair tls.Certificate) {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, e := range edit {
		e(template)
	}
	_, _, certFile, keyFile = a.sign(template, a.cert)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		a.t.Fatal(err)
	}
	return certFile, keyFile, pair
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}
