// Package temporal carries runs out on Temporal, a distributed engine, for those who need more than
// one machine. A run is one workflow of Temporal in which the interpreter works; a call of a task is
// one activity. Nothing distributed is written here.
package temporal
