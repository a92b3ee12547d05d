# Turns the output of "nm -n" into the assembler source of the image's symbol table (kallsyms.c):
# the text symbols, one for each address, in the order of addresses. An empty input gives an empty
# table, for the first link. The table stands in .rodata, after all text: text addresses do not
# depend on it, so that a table made from the first link is true for the second. The build compares
# the two. A name has its type before it: "T" where other files can see it, "t" where they cannot.

$2 ~ /^[tTwW]$/ && $3 !~ /^\./ && $1 != last {
	addresses[count] = $1
	names[count] = ($2 ~ /[TW]/ ? "T" : "t") $3
	last = $1
	count++
}

END {
	print "\t.section .kallsyms, \"a\", @progbits"
	print "\t.balign 4"
	print "\t.globl kallsyms_count, kallsyms, kallsyms_names"
	printf "kallsyms_count:\n\t.long %d\nkallsyms:\n", count
	offset = 0
	for (i = 0; i < count; i++) {
		printf "\t.long 0x%s, %d\n", addresses[i], offset
		offset += length(names[i]) + 1
	}
	print "kallsyms_names:"
	for (i = 0; i < count; i++)
		printf "\t.asciz \"%s\"\n", names[i]
	print "\t.balign 4"
}
