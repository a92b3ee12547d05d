/* Transcripts: the lines of a protocol log that must be the same on both sides. */
#pragma once

#include "tool/files.h"

struct log_line {
	const char *text; /* not terminated; without its newline */
	size_t len;
	const char *vector; /* name of the vector it belongs to, "" before the first */
};

struct transcript {
	struct text copy; /* what the lines point into */
	struct log_line *lines;
	size_t count;
};

/*
 * Takes the transcript out of a log: everything from "KTAP version" to the end record but what
 * names the machine and the run.
 */
void transcript_read(struct transcript *transcript, const struct text *log);
void transcript_free(struct transcript *transcript);

/* Index of the first line in which the two differ, or -1 if they are the same. */
long transcript_difference(const struct transcript *a, const struct transcript *b);

/* The source line that a "#  LINE ..." step line names; 0 for other lines. */
unsigned int log_line_number(const struct log_line *line);
