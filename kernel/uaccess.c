/*
 * User copies. The count is exact to the byte because no access to user memory straddles a page:
 * words are moved only while the user address is word-aligned, the bytes before and after one by
 * one. A "rep" that faults leaves in ECX how many elements are still to be moved, the refused one
 * included (Intel SDM vol. 2B, REP), and a page fault inside it can be resolved and the instruction
 * resumed.
 *
 * The kernel side of a copy may straddle what it likes: it does not fault. Should it, the exception
 * table does not forgive it.
 */
#include "arch/arch.h"

#include "kernel/extable.h"
#include "kernel/trap.h"

#define WORD sizeof(u32)

/*
 * Each moves `count` elements, advances the pointers and returns how many were refused. The fixup
 * is the next instruction: ECX already tells all.
 */
#define REP_MOVE(name, instruction)                                                                \
	static size_t name(void **to, const void **from, size_t count)                             \
	{                                                                                          \
		__asm__ volatile("1: rep " instruction "\n"                                        \
				 "2:\n" EXCEPTION_ENTRY("1b", "2b", "1")                           \
				 : "+D"(*to), "+S"(*from), "+c"(count)                             \
				 :                                                                 \
				 : "memory");                                                      \
		return count;                                                                      \
	}

#define REP_CLEAR(name, instruction)                                                               \
	static size_t name(void **to, size_t count)                                                \
	{                                                                                          \
		__asm__ volatile("1: rep " instruction "\n"                                        \
				 "2:\n" EXCEPTION_ENTRY("1b", "2b", "1")                           \
				 : "+D"(*to), "+c"(count)                                          \
				 : "a"(0)                                                          \
				 : "memory");                                                      \
		return count;                                                                      \
	}

REP_MOVE(move_bytes, "movsb")
REP_MOVE(move_words, "movsl")
REP_CLEAR(clear_bytes, "stosb")
REP_CLEAR(clear_user_words, "stosl")

/* Bytes until user is word-aligned, n at most. */
static size_t head_bytes(unsigned long user, size_t n)
{
	return min(-user % WORD, n);
}

static size_t copy_user(void *to, const void *from, unsigned long user, size_t n)
{
	size_t head = head_bytes(user, n), words = (n - head) / WORD, tail = (n - head) % WORD;
	size_t refused;

	trap_begin_access();
	refused = move_bytes(&to, &from, head);
	if (refused)
		return refused + words * WORD + tail;
	refused = move_words(&to, &from, words);
	if (refused)
		return refused * WORD + tail;
	return move_bytes(&to, &from, tail);
}

size_t arch_copy_from_user(void *to, unsigned long from, size_t n)
{
	return copy_user(to, (const void *)from, from, n);
}

size_t arch_copy_to_user(unsigned long to, const void *from, size_t n)
{
	return copy_user((void *)to, from, to, n);
}

size_t arch_clear_user(unsigned long user, size_t n)
{
	size_t head = head_bytes(user, n), words = (n - head) / WORD, tail = (n - head) % WORD;
	void *to = (void *)user;
	size_t refused;

	trap_begin_access();
	refused = clear_bytes(&to, head);
	if (refused)
		return refused + words * WORD + tail;
	refused = clear_user_words(&to, words);
	if (refused)
		return refused * WORD + tail;
	return clear_bytes(&to, tail);
}
