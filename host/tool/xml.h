/* Text in XML. */
#pragma once

#include "tool/files.h"

/*
 * Appends len bytes of s as character data or as the value of an attribute in double quotes. What
 * XML has no place for, control characters but for tab and newline, is left out; what is not ASCII
 * becomes "?", so that the document is UTF-8 whatever the bytes were.
 */
void xml_add(struct text *xml, const char *s, size_t len);
