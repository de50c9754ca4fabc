package main

import (
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/temporal"
)

// newServer returns a server that has not started.
func newServer(o options, h hosts, logger log.Logger) (temporal.Server, error) {
	c := configuration(o.file, h)
	authorizer, err := authorization.GetAuthorizerFromConfig(&c.Global.Authorization)
	if err != nil {
		return nil, err
	}
	claims, err := authorization.GetClaimMapperFromConfig(&c.Global.Authorization, logger)
	if err != nil {
		return nil, err
	}
	return temporal.NewServer(
		temporal.WithConfig(c),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(h.members()),
		temporal.WithDynamicConfigClient(settings(o)),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
	)
}

// configuration returns what the server reads once, when it starts.
func configuration(file string, h hosts) *config.Config {
	const disabled = "disabled"
	c := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     "sqlite",
			VisibilityStore:  "sqlite",
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{"sqlite": {SQL: store(file)}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: h.frontend()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            map[string]config.Service{},
		Archival:            config.Archival{History: config.HistoryArchival{State: disabled}, Visibility: config.VisibilityArchival{State: disabled}},
		PublicClient:        config.PublicClient{HostPort: h.frontend()},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: disabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
	}
	for service, port := range h {
		c.Services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return c
}

// settings returns the dynamic configuration. Updates, updates with a start, resets and versioned
// deployments of workers need none: they are on by default.
func settings(o options) dynamicconfig.StaticClient {
	s := dynamicconfig.StaticClient{
		// A search attribute can be used as soon as the request that adds it is answered.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,
		// By default a closed workflow stays for up to half an hour longer than the retention.
		dynamicconfig.RetentionTimerJitterDuration.Key(): time.Second,
	}
	if o.suggestContinueAsNew > 0 {
		s[dynamicconfig.HistoryCountSuggestContinueAsNew.Key()] = o.suggestContinueAsNew
	}
	if o.historyLimit > 0 {
		s[dynamicconfig.HistoryCountLimitError.Key()] = o.historyLimit
	}
	if o.shortestTimer > 0 {
		s[dynamicconfig.TimerProcessorMaxTimeShift.Key()] = o.shortestTimer
		s[dynamicconfig.TimerProcessorMaxPollRPS.Key()] = 1000 // each timer takes a few; with the default of 20 a short one takes 150 ms
	}
	return s
}
