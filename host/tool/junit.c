#include "tool/junit.h"

#include <string.h>

#include "tool/xml.h"

static void add_case(struct text *xml, const char *suite, const char *line, size_t len,
		     const char *why, size_t why_len)
{
	bool ok = strncmp(line, "ok ", 3) == 0;
	const char *name = line + (ok ? 3 : 7);

	name += strspn(name, "0123456789 ");
	text_printf(xml, "  <testcase classname=\"%s\" name=\"", suite);
	xml_add(xml, name, line + len - name);
	text_printf(xml, ok ? "\"/>\n" : "\">\n    <failure>");
	if (!ok) {
		xml_add(xml, why, why_len);
		text_printf(xml, "</failure>\n  </testcase>\n");
	}
}

void junit_write(const struct text *log, const struct judgement *judgement, const char *suite,
		 struct text *xml)
{
	bool error = judgement->verdict != VERDICT_PASS && judgement->verdict != VERDICT_FAIL;
	const char *why = "";
	size_t why_len = 0;

	text_printf(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	text_printf(xml, "<testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\">\n",
		    suite, judgement->passed + judgement->failed + error, judgement->failed, error);
	for (const char *line = log->data; line && *line;) {
		size_t len = strcspn(line, "\r\n");

		if (strncmp(line, "# fail ", 7) == 0 || strncmp(line, "# error ", 8) == 0) {
			why = line + 2;
			why_len = len - 2;
		}
		if (strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0)
			add_case(xml, suite, line, len, why, why_len);
		line += len;
		line += strspn(line, "\r\n");
	}
	if (error) {
		text_printf(xml,
			    "  <testcase classname=\"%s\" name=\"the whole run\">\n    <error>",
			    suite);
		xml_add(xml, judgement->why, strlen(judgement->why));
		text_printf(xml, "</error>\n  </testcase>\n");
	}
	text_printf(xml, "</testsuite>\n");
}
