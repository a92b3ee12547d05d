#include "tool/xml.h"

#include <string.h>

static void add_string(struct text *xml, const char *s)
{
	text_add(xml, s, strlen(s));
}

void xml_add(struct text *xml, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '<')
			add_string(xml, "&lt;");
		else if (c == '>')
			add_string(xml, "&gt;");
		else if (c == '&')
			add_string(xml, "&amp;");
		else if (c == '"')
			add_string(xml, "&quot;");
		else if (c >= 0x80)
			add_string(xml, "?");
		else if ((c >= ' ' && c != 0x7F) || c == '\n' || c == '\t')
			text_add(xml, &s[i], 1);
	}
}
