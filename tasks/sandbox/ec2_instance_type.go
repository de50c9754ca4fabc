package sandbox

import "strconv"

// An instanceType is an instance type that DescribeInstanceTypes describes. RunInstances takes
// others, too.
type instanceType struct {
	name   string
	memory int // in MiB
}

// instanceTypes are common instance types, with the memory that AWS documents.
var instanceTypes = []instanceType{
	{"c5.large", 4096}, {"c5.xlarge", 8192}, {"c5.2xlarge", 16384},
	{"m1.small", 1740},
	{"m5.large", 8192}, {"m5.xlarge", 16384}, {"m5.2xlarge", 32768},
	{"r5.large", 16384}, {"r5.xlarge", 32768}, {"r5.2xlarge", 65536},
	{"t1.micro", 627},
	{"t2.nano", 512}, {"t2.micro", 1024}, {"t2.small", 2048}, {"t2.medium", 4096}, {"t2.large", 8192},
	{"t3.nano", 512}, {"t3.micro", 1024}, {"t3.small", 2048}, {"t3.medium", 4096}, {"t3.large", 8192}, {"t3.xlarge", 16384}, {"t3.2xlarge", 32768},
}

// isCurrent reports whether the type is of a current generation.
func (t instanceType) isCurrent() bool { return t.name != "m1.small" && t.name != "t1.micro" }

type instanceTypeXML struct {
	Name           string   `xml:"instanceType"`
	Current        bool     `xml:"currentGeneration"`
	Usages         []string `xml:"supportedUsageClasses>item"`
	RootDevices    []string `xml:"supportedRootDeviceTypes>item"`
	Virtualization []string `xml:"supportedVirtualizationTypes>item"`
	BareMetal      bool     `xml:"bareMetal"`
	Architectures  []string `xml:"processorInfo>supportedArchitectures>item"`
	VCPUs          int      `xml:"vCpuInfo>defaultVCpus"`
	Memory         int      `xml:"memoryInfo>sizeInMiB"`
}

// describeInstanceTypes returns the instance types that the sandbox knows the size of.
func (c *cloud) describeInstanceTypes(p *params) (response, string, *refusal) {
	l := listing[instanceType]{
		parameter: "InstanceType", id: func(t instanceType) string { return t.name }, pageSize: 5,
		missing: func(name string) *refusal {
			if vcpus(name) == 0 {
				return newRefusal("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
			}
			return newRefusal(sandboxLimit, "The sandbox does not know the size of the instance type %s", name)
		},
		filters: map[string]func(instanceType) string{
			"instance-type":                         func(t instanceType) string { return t.name },
			"current-generation":                    func(t instanceType) string { return strconv.FormatBool(t.isCurrent()) },
			"vcpu-info.default-vcpus":               func(t instanceType) string { return strconv.Itoa(vcpus(t.name)) },
			"memory-info.size-in-mib":               func(t instanceType) string { return strconv.Itoa(t.memory) },
			"bare-metal":                            fixed[instanceType]("false"),
			"supported-root-device-type":            fixed[instanceType]("ebs"),
			"processor-info.supported-architecture": fixed[instanceType]("x86_64"),
		},
	}
	found, next, refusal := l.list(p, instanceTypes)
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &struct {
		head
		Types set[instanceTypeXML] `xml:"instanceTypeSet"`
		Next  string               `xml:"nextToken,omitempty"`
	}{Next: next}
	var names []string
	for _, t := range found {
		names = append(names, t.name)
		answer.Types.Items = append(answer.Types.Items, instanceTypeXML{
			Name: t.name, Current: t.isCurrent(), Usages: []string{"on-demand"}, RootDevices: []string{"ebs"}, Virtualization: []string{"hvm"},
			Architectures: []string{"x86_64"}, VCPUs: vcpus(t.name), Memory: t.memory,
		})
	}
	return answer, summarize(names, "instance types"), nil
}
