package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The badges of every picture are on the page, and cover no text, no other badge, no arrow, and no box
// but their own.
func TestBadgesOfAnything(t *testing.T) {
	words := []string{"", "uncertain 12 of 100", "waiting for a process", "succeeded 1000 of 1000", "asks a person 12 of 100, and much more than that"}
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := New(random(t, seed)).layout()
			var all []badge
			var of []box
			for i, b := range p.boxes {
				if b.part == nil || b.part.Key == "" {
					continue
				}
				all, of = append(all, b.badge(State{Kind: kinds[i%len(kinds)], Word: words[i%len(words)]})), append(of, b)
			}
			if len(all) == 0 {
				t.Fatal("there are no steps")
			}
			for i, one := range all {
				checkBadge(t, p, of[i], one)
				for _, other := range all[i+1:] {
					if one.area().meets(other.area()) {
						t.Errorf("the badges %v and %v overlap", one, other)
					}
				}
			}
		})
	}
}

func (b badge) area() area { return area{b.x, b.y, b.x + b.w, b.y + b.h} }

func checkBadge(t *testing.T, p page, of box, one badge) {
	t.Helper()
	place := one.area()
	if !(area{0, 0, p.w, p.h}).holds(place) {
		t.Errorf("the badge %v is not on the page", one)
	}
	inner := area{one.x + badgePad + iconWidth, one.y, one.x + one.w - badgePad, one.y + one.h}
	if !inner.holds(one.text.area()) {
		t.Errorf("the words of the badge %v are not inside it", one)
	}
	for _, line := range p.texts {
		if place.meets(line.area()) {
			t.Errorf("the badge %v covers the title %v", one, line)
		}
	}
	for _, b := range p.boxes {
		if b.part != of.part && place.meets(b.area()) && !(b.frame && b.area().holds(place)) {
			t.Errorf("the badge %v of %v covers %v", one, of, b)
		}
		for _, line := range b.texts {
			if place.meets(line.area()) {
				t.Errorf("the badge %v of %v covers the text %v", one, of, line)
			}
		}
	}
	for _, j := range p.joints {
		if place.meets(area{j.at.x - 3, j.at.y - 3, j.at.x + 3, j.at.y + 3}) {
			t.Errorf("the badge %v covers the joint %v", one, j)
		}
	}
	for _, w := range p.wires {
		end := w.points[len(w.points)-1]
		if head := (area{end.x - 4, end.y - 8, end.x + 4, end.y}); w.arrow && !of.frame && place.meets(head) {
			t.Errorf("the badge %v of %v covers the head of %v", one, of, w)
		}
	}
}

// A state can be told without its colour: each kind has its own icon and words, and an outline.
func TestKinds(t *testing.T) {
	seen := map[string]StateKind{}
	for _, k := range kinds {
		icon := k.icon(0, 0)
		if icon == "" {
			t.Errorf("%s has no icon", k)
		}
		for _, sign := range []string{icon, k.Words()} {
			if other, taken := seen[sign]; taken {
				t.Errorf("%s and %s have the same %s", k, other, sign)
			}
			seen[sign] = k
		}
		if !strings.Contains(StyleSheet(), ".outline."+string(k)+"{") {
			t.Errorf("%s has no outline", k)
		}
	}
	if unknown := StateKind("unknown").icon(0, 0); unknown != "" {
		t.Errorf("an unknown kind has the icon %s", unknown)
	}
	if !slices.IsSortedFunc(kinds, func(a, b StateKind) int { return (State{Kind: a}).rank() - (State{Kind: b}).rank() }) {
		t.Error("the ranks of the kinds are not in their order")
	}
}
