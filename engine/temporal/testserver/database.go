package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.temporal.io/server/common/config"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// namespace is the one that clients use by default.
const namespace = "default"

// clusterName is the name of the only cluster.
const clusterName = "active"

// prepare creates the file with the schema and the namespace, if it does not exist. The file gets its
// name last, so that a process that is killed here leaves nothing that looks complete.
func prepare(file string, retention time.Duration) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := file + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	store := &config.SQL{PluginName: sqliteplugin.PluginName, DatabaseName: unfinished, ConnectAttributes: map[string]string{"mode": "rwc"}}
	if err := sqlite.SetupSchema(store); err != nil {
		return fmt.Errorf("create %s: %w", unfinished, err)
	}
	described, err := sqlite.NewNamespaceConfig(clusterName, namespace, false, nil)
	if err != nil {
		return err
	}
	described.Detail.Config.Retention = durationpb.New(retention)
	if err := sqlite.CreateNamespaces(store, described); err != nil {
		return err
	}
	return os.Rename(unfinished, file)
}

// store returns the database for a server. It survives kill -9 and a loss of power.
func store(file string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: file,
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			"synchronous":  "full",
			"busy_timeout": "10000",
		},
	}
}
