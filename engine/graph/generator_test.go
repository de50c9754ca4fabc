package graph

import (
	"errand/engine/generator"
	"errand/engine/task"
)

// language makes definitions with steps of every form inside each other and with texts of every
// kind.
func language(registry *task.Registry) generator.Language {
	l := generator.Language{Titles: texts, Length: 6, Steps: 40}
	given := map[string][]string{
		"duration":    {"9ms", "12ms"}, // no time-out ends before them
		"instance_id": {"i-0a1b2c3d4e5f60001"},
	}
	for _, name := range []string{"timer.delay", "ec2.get_instance_status"} {
		t, _ := registry.Lookup(name)
		l.Tasks = append(l.Tasks, generator.Task{Name: name, Weight: 1, Input: t.Input, Output: t.Output, Polls: t.Effect == task.Reads, Given: given})
	}
	return l
}

var texts = []string{
	"x",
	"Start the instance",
	"Provision an instance, record it as an asset, relate the asset to the request and tell everybody who may want to know of it",
	"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
	"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
	"<script>alert(\"1\")</script> & 'more' ]]> --> &amp; #35; %%",
	"]\"]}}; end\nsubgraph x[\"y\"] | `z` \\N",
	"仮想マシンを起動して資産として記録し、依頼に関連付けてから依頼者に知らせます",
	"👩‍👩‍👧‍👦🇩🇪❤️😀👩‍👩‍👧‍👦🇩🇪❤️😀👩‍👩‍👧‍👦🇩🇪❤️😀👩‍👩‍👧‍👦🇩🇪❤️😀",
	"Щука поймана, ждём решения руководителя отдела информационных технологий",
	"تشغيل الخادم وإبلاغ صاحب الطلب بأن كل شيء جاهز للاستخدام الآن",
}
