/*
 * Page tables entry by entry, and the pages behind them, in lines for programs that draw them:
 *
 *   spaces N caches N
 *   space NUMBER pgd PFN tables N entries N kernel shared
 *   task PID runs
 *   table SLOT ADDRESS pfn PFN entries N
 *   entry START-END zero ro young clean
 *   entry START-END anon rw young dirty pfn PFN count N maps N
 *   cache pages N size BYTES NAME
 *   cached FIRST-END shmem pfn PFN count N maps N
 *
 * of the spaces in the order of mm_space_map.h, with its numbers and its lines on tasks; of each,
 * the tables of the user half in the order of the directory's slots, which are decimal, and under
 * each table its entries in order. "entries" counts those that have a page: of the space, of the
 * table. Of the kernel's half there is but a word: all spaces have that of swapper_pg_dir
 * ("shared"), or this one has not ("differs"); what the processor noted in it is not compared.
 *
 * A line has a run of entries of one area: with equal words and figures, and with frames that go on
 * one by one from PFN. The kind of page is that of the verb pte: zero, anon, file, shmem, or page,
 * one with no owner; frame is what nobody counts. zero and frame have no figures, zero no frame.
 * Rights of the entry are rw, ro or, with PROT_NONE, none. "count" is the page's _count, "maps" how
 * many entries map it.
 *
 * Then the inodes that have pages in the cache, each with runs of those, FIRST to one before END;
 * hexadecimal, as BYTES is. They stand behind one space as behind all.
 */
#pragma once

struct page;

/* Prints one space, or with 0 all of them. -ENOENT: there is none of that number. Takes mmap_sem.
 */
int show_page_map(unsigned int number);

/* What the page is to programs: anon, file, shmem, or page. */
const char *page_kind(const struct page *page);
