#include "top/repl.h"

#include "arch/arch.h"
#include "arch/machine.h"
#include "base/printk.h"
#include "base/string.h"
#include "top/vec.h"

static void print_verb(const struct verb *verb)
{
	printk("  %s%-18s %-30s %s\n", verb->makes ? "x = " : "    ", verb->name, verb->signature,
	       verb->help);
}

static void print_help(void)
{
	for_each_verb(print_verb);
	printk("      help, quit\n");
}

/* Returns false for "quit". */
static bool run_line(struct vec_source *source)
{
	static struct stmt stmt;
	struct lexer lexer = {source->line, source->line};
	struct token word = lex_next(&lexer);

	if (token_is(&word, "quit"))
		return false;
	if (token_is(&word, "help")) {
		print_help();
		return true;
	}
	lexer.at = source->line;
	if (word.kind != TOK_END && stmt_parse(source, &lexer, &stmt) == 0)
		vec_run_interactive(&stmt, source);
	return true;
}

bool repl_run(void)
{
	static struct vec_source source = {.name = "input"};

	vars_clear();
	mm_boot_to(MM_LAST);
	printk("pagetwin: type operations, \"help\" for a list, \"quit\" to end.\n");
	for (;;) {
		arch_console_write("mm> ", 4);
		if (machine_read_line(source.line, sizeof(source.line)) < 0) {
			arch_console_write("\n", 1); /* the protocol begins on a line of its own */
			break;
		}
		source.line_number++;
		if (!run_line(&source))
			break;
	}
	return true;
}
