/*
 * The screen. The text memory has room for about eight screens; which of its rows is shown first is
 * a register of the CRT controller. Scrolling therefore clears one row and moves that register, and
 * only when the memory is used up are the rows on the screen copied back to its beginning: once in
 * 180 lines instead of always, which under an emulator, where each store to the memory traps, makes
 * the difference.
 *
 * The memory is reached through the machine window: no page directory of the memory manager need
 * map it. Where there is no VGA the stores go nowhere.
 */
#include "kernel/vga.h"

#include "base/string.h"
#include "kernel/cpu.h"
#include "kernel/window.h"

#define COLUMNS 80
#define ROWS 25
#define MEMORY_ROWS (VGA_TEXT_PAGES * PAGE_SIZE / (COLUMNS * sizeof(u16)))

#define LIGHT_GREY_ON_BLACK 0x0700u
#define BLANK (LIGHT_GREY_ON_BLACK | ' ')

/* CRT controller (IBM VGA technical reference): cursor and start address registers. */
#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_START 0x0a
#define CRTC_START_HIGH 0x0c
#define CRTC_START_LOW 0x0d
#define CURSOR_OFF 0x20

/* The first row shown, and the place of the next character: row >= top. */
static unsigned int top, row, column;

static u16 *cell(unsigned int r, unsigned int c)
{
	return (u16 *)WINDOW_VGA + r * COLUMNS + c;
}

static void crtc_write(u8 index, u8 value)
{
	outb(CRTC_INDEX, index);
	outb(CRTC_DATA, value);
}

static void show_from(unsigned int r)
{
	top = r;
	crtc_write(CRTC_START_HIGH, r * COLUMNS >> 8);
	crtc_write(CRTC_START_LOW, r * COLUMNS & 0xff);
}

static void clear_row(unsigned int r)
{
	for (unsigned int c = 0; c < COLUMNS; c++)
		*cell(r, c) = BLANK;
}

static void scroll(void)
{
	if (row == MEMORY_ROWS) {
		memmove(cell(0, 0), cell(top + 1, 0), (ROWS - 1) * COLUMNS * sizeof(u16));
		row = ROWS - 1;
		clear_row(row);
		show_from(0);
		return;
	}
	clear_row(row);
	show_from(top + 1);
}

static void new_line(void)
{
	column = 0;
	if (++row - top == ROWS)
		scroll();
}

void vga_init(void)
{
	for (unsigned int r = 0; r < ROWS; r++)
		clear_row(r);
	crtc_write(CRTC_CURSOR_START, CURSOR_OFF);
	show_from(0);
}

static void put(char c)
{
	if (c == '\n') {
		new_line();
	} else if (c == '\r') {
		column = 0;
	} else if (c == '\b') {
		column -= column > 0;
	} else if ((u8)c >= ' ') {
		if (column == COLUMNS)
			new_line();
		*cell(row, column++) = LIGHT_GREY_ON_BLACK | (u8)c;
	}
}

void vga_write(const char *text, size_t len)
{
	while (len--)
		put(*text++);
}
