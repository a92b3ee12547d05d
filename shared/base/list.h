/*
 * Circular doubly-linked lists, the head included. Corresponds to Linux include/linux/list.h.
 * A node off any list that is to be tested as such is initialised to itself.
 */
#pragma once

#include "arch/types.h"

struct list_head {
	struct list_head *next, *prev;
};

static inline void list_init(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_insert(struct list_head *node, struct list_head *prev,
			       struct list_head *next)
{
	next->prev = node;
	node->next = next;
	node->prev = prev;
	prev->next = node;
}

/* Inserts node right after head: a stack. */
static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_insert(node, head, head->next);
}

/* Inserts node right before head: a queue. */
static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_insert(node, head->prev, head);
}

static inline void list_del(struct list_head *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
}

/* Takes the first node off a list that is not empty. */
static inline void list_del_first(struct list_head *head)
{
	struct list_head *second = head->next->next;

	second->prev = head;
	head->next = second;
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)

#define list_for_each(pos, head)                                                                   \
	for (struct list_head *pos = (head)->next; pos != (head); pos = pos->next)
