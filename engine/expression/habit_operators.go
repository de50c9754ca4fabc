package expression

// beside has a row for each operator that needs parentheses beside ??.
var beside = func() (rows []habit) {
	for _, operator := range []string{"||", "&&", "or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "in", "contains", "matches", "startsWith", "endsWith"} {
		rows = append(rows,
			habit{written: "$a ?? $b " + operator + " $c", meant: always("($a ?? $b) " + operator + " $c"), certain: true},
			habit{written: "$a " + operator + " $b ?? $c", meant: always("$a " + operator + " ($b ?? $c)"), certain: true})
	}
	return rows
}()

// negated has a row for each operator that binds less than the negation before it.
var negated = func() (rows []habit) {
	for _, not := range []string{"not ", "!"} {
		rows = append(rows,
			habit{written: not + "$a == $b", meant: always("$a != $b"), certain: true},
			habit{written: not + "$a != $b", meant: always("$a == $b"), certain: true},
			habit{written: not + "$a in $b", meant: always("$a not in $b"), certain: true})
		for _, operator := range []string{"<", "<=", ">", ">=", "contains", "matches", "startsWith", "endsWith"} {
			rows = append(rows, habit{written: not + "$a " + operator + " $b", meant: always("not ($a " + operator + " $b)"), certain: true})
		}
	}
	return rows
}()

// alternatives has rows for a comparison with one value or another, as it is spoken.
var alternatives = func() (rows []habit) {
	for _, or := range []string{"or", "||"} {
		rows = append(rows,
			habit{written: "$a == $1 " + or + " $2", meant: always("$a in [$1, $2]")},
			habit{written: "$a in [$L] " + or + " $1", meant: always("$a in [$L, $1]")},
			habit{written: "$a == ($1 " + or + " $2)", meant: always("$a in [$1, $2]")},
			habit{written: "$a == ($1 " + or + " $2 " + or + " $3)", meant: always("$a in [$1, $2, $3]")},
			habit{written: "$a == ($1 " + or + " $2 " + or + " $3 " + or + " $4)", meant: always("$a in [$1, $2, $3, $4]")})
	}
	for _, and := range []string{"or", "||", "and", "&&"} {
		rows = append(rows,
			habit{written: "$a != $1 " + and + " $2", meant: always("$a not in [$1, $2]")},
			habit{written: "$a not in [$L] " + and + " $1", meant: always("$a not in [$L, $1]")},
			habit{written: "$a != ($1 " + and + " $2)", meant: always("$a not in [$1, $2]")})
	}
	return rows
}()

// asFunctions has rows for the operators that are functions in other languages.
var asFunctions = func() (rows []habit) {
	for _, f := range [][2]string{{"and", "&&"}, {"or", "||"}, {"eq", "=="}, {"ne", "!="}, {"gt", ">"}, {"lt", "<"}, {"ge", ">="}, {"le", "<="}, {"gte", ">="}, {"lte", "<="}, {"equals", "=="}} {
		rows = append(rows,
			habit{written: f[0] + "($a, $b)", meant: always("$a " + f[1] + " $b")},
			habit{written: f[0] + "($A, $B)", meant: always("(($A) " + f[1] + " ($B))"), help: "write the operator: a " + f[1] + " b"})
	}
	for _, f := range [][2]string{{"and", "&&"}, {"or", "||"}} {
		rows = append(rows, habit{written: f[0] + "($A, $B, $C)", meant: always("(($A) " + f[1] + " ($B) " + f[1] + " ($C))")})
	}
	return rows
}()
