#include "as/anon_vma.h"

#include "as/address_space.h"
#include "as/file.h"
#include "base/bug.h"
#include "base/errno.h"
#include "kmem/slab.h"

static __mm_state struct kmem_cache *anon_vma_cachep, *anon_vma_chain_cachep;

void anon_vma_init(void)
{
	anon_vma_cachep =
		kmem_cache_create("anon_vma", sizeof(struct anon_vma), 0, SLAB_PANIC, NULL);
	anon_vma_chain_cachep = kmem_cache_create("anon_vma_chain", sizeof(struct anon_vma_chain),
						  0, SLAB_PANIC, NULL);
}

static struct anon_vma_chain *chain_of(struct list_head *node)
{
	return list_entry(node, struct anon_vma_chain, same_vma);
}

/* ---- families ------------------------------------------------------------------------------ */

static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *anon_vma = kmem_cache_zalloc(anon_vma_cachep, GFP_KERNEL);

	if (!anon_vma)
		return NULL;
	anon_vma->root = anon_vma->parent = anon_vma;
	anon_vma->rwsem = (struct rw_semaphore)RWSEM_INIT("anon_vma", MUTEX_RANK_ANON_VMA);
	anon_vma->refcount = 1;
	return anon_vma;
}

/* Drops a use; the last one of a child drops its use of the root. */
static void put_anon_vma(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;

	if (__atomic_sub_fetch(&anon_vma->refcount, 1, __ATOMIC_RELEASE))
		return;
	kmem_cache_free(anon_vma_cachep, anon_vma);
	if (root != anon_vma)
		put_anon_vma(root);
}

/* ---- links --------------------------------------------------------------------------------- */

unsigned int anon_vma_chain_length(const struct vm_area_struct *vma)
{
	unsigned int length = 0;

	list_for_each (at, &vma->anon_vma_chain)
		length++;
	return length;
}

int anon_vma_stock_fill(struct anon_vma_chain **stock, unsigned int nr)
{
	while (nr--) {
		struct anon_vma_chain *avc = kmem_cache_alloc(anon_vma_chain_cachep, GFP_KERNEL);

		if (!avc) {
			anon_vma_stock_release(stock);
			return -ENOMEM;
		}
		avc->next = *stock;
		*stock = avc;
	}
	return 0;
}

void anon_vma_stock_release_slow(struct anon_vma_chain **stock)
{
	while (*stock) {
		struct anon_vma_chain *avc = *stock;

		*stock = avc->next;
		kmem_cache_free(anon_vma_chain_cachep, avc);
	}
}

static struct anon_vma_chain *take_from_stock(struct anon_vma_chain **stock)
{
	struct anon_vma_chain *avc = *stock;

	BUG_ON(!avc, "a link is wanted that nobody expected to be");
	*stock = avc->next;
	return avc;
}

static void set_interval(struct interval_node *node, const struct vm_area_struct *vma)
{
	node->start = vma->vm_pgoff;
	node->last = vma->vm_pgoff + vma_pages(vma) - 1;
}

/* The family's lock is held. */
static void link_chain(struct vm_area_struct *vma, struct anon_vma_chain *avc,
		       struct anon_vma *anon_vma)
{
	avc->vma = vma;
	avc->anon_vma = anon_vma;
	list_add(&avc->same_vma, &vma->anon_vma_chain);
	set_interval(&avc->node, vma);
	interval_insert(&avc->node, &anon_vma->rb_root);
}

/* ---- the first page ------------------------------------------------------------------------ */

/* Could a and b, in order of address, be one area if their rights were the same? */
static bool compatible(const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	return a->vm_end == b->vm_start && a->vm_file == b->vm_file &&
	       !((a->vm_flags ^ b->vm_flags) & ~VM_ACCESS_FLAGS) &&
	       b->vm_pgoff == a->vm_pgoff + vma_pages(a);
}

/* The anon_vma of a neighbour, so that the two can merge when their rights become the same. */
static struct anon_vma *mergeable_anon_vma(const struct vm_area_struct *vma)
{
	const struct vm_area_struct *next = vma->vm_next, *prev = vma->vm_prev;

	if (next && next->anon_vma && chain_is_singular(next) && compatible(vma, next))
		return next->anon_vma;
	if (prev && prev->anon_vma && chain_is_singular(prev) && compatible(prev, vma))
		return prev->anon_vma;
	return NULL;
}

int anon_vma_prepare_slow(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = mergeable_anon_vma(vma), *fresh = NULL;
	struct anon_vma_chain *stock = NULL;
	bool taken = false;

	if (anon_vma_stock_fill(&stock, 1))
		return -ENOMEM;
	if (!anon_vma) {
		anon_vma = fresh = anon_vma_alloc();
		if (!fresh) {
			anon_vma_stock_release(&stock);
			return -ENOMEM;
		}
		fresh->num_children = 1;
	}
	down_write(&anon_vma->root->rwsem);
	/* Another fault in the area may have been first. */
	spin_lock(&vma->vm_mm->page_table_lock);
	if (!vma->anon_vma) {
		vma->anon_vma = anon_vma;
		link_chain(vma, take_from_stock(&stock), anon_vma);
		anon_vma->num_active_vmas++;
		taken = true;
	}
	spin_unlock(&vma->vm_mm->page_table_lock);
	up_write(&anon_vma->root->rwsem);
	anon_vma_stock_release(&stock);
	if (!taken && fresh)
		put_anon_vma(fresh);
	return 0;
}

/* ---- copies -------------------------------------------------------------------------------- */

/* An ancestor that nobody makes pages for any more, and that has one line of descent at most. */
static bool may_be_used_again(const struct anon_vma *anon_vma)
{
	return anon_vma->num_children < 2 && anon_vma->num_active_vmas == 0;
}

void anon_vma_clone_slow(struct vm_area_struct *dst, struct vm_area_struct *src,
			 struct anon_vma_chain **stock)
{
	struct anon_vma *root = src->anon_vma->root;

	down_write(&root->rwsem);
	/* From the oldest on, so that the copy is in the same order. */
	for (struct list_head *at = src->anon_vma_chain.prev; at != &src->anon_vma_chain;
	     at = at->prev) {
		struct anon_vma *anon_vma = chain_of(at)->anon_vma;

		link_chain(dst, take_from_stock(stock), anon_vma);
		if (!dst->anon_vma && src->anon_vma && may_be_used_again(anon_vma))
			dst->anon_vma = anon_vma;
	}
	if (dst->anon_vma)
		dst->anon_vma->num_active_vmas++;
	up_write(&root->rwsem);
}

void anon_vma_merge(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	if (dst->anon_vma || !src->anon_vma) {
		unlink_anon_vmas(src);
		return;
	}
	down_write(&src->anon_vma->root->rwsem);
	list_for_each (at, &src->anon_vma_chain)
		chain_of(at)->vma = dst;
	up_write(&src->anon_vma->root->rwsem);
	/* All of the list, as it is, at dst's head. */
	dst->anon_vma_chain = src->anon_vma_chain;
	dst->anon_vma_chain.next->prev = &dst->anon_vma_chain;
	dst->anon_vma_chain.prev->next = &dst->anon_vma_chain;
	list_init(&src->anon_vma_chain);
	dst->anon_vma = src->anon_vma;
	src->anon_vma = NULL;
}

int anon_vma_fork(struct vm_area_struct *child, struct vm_area_struct *parent)
{
	struct anon_vma *anon_vma;
	struct anon_vma_chain *stock = NULL;

	child->anon_vma = NULL;
	if (!parent->anon_vma)
		return 0;
	if (anon_vma_stock_fill(&stock, anon_vma_chain_length(parent) + 1))
		return -ENOMEM;
	anon_vma = anon_vma_alloc();
	if (!anon_vma) {
		anon_vma_stock_release(&stock);
		return -ENOMEM;
	}
	anon_vma_clone(child, parent, &stock);
	if (child->anon_vma) {
		anon_vma_stock_release(&stock);
		put_anon_vma(anon_vma);
		return 0;
	}
	anon_vma->root = parent->anon_vma->root;
	anon_vma->parent = parent->anon_vma;
	__atomic_add_fetch(&anon_vma->root->refcount, 1, __ATOMIC_RELAXED);
	child->anon_vma = anon_vma;
	down_write(&anon_vma->root->rwsem);
	link_chain(child, take_from_stock(&stock), anon_vma);
	anon_vma->num_active_vmas = 1;
	anon_vma->parent->num_children++;
	up_write(&anon_vma->root->rwsem);
	return 0;
}

/* ---- the end ------------------------------------------------------------------------------- */

void unlink_anon_vmas_slow(struct vm_area_struct *vma)
{
	struct anon_vma *root = vma->anon_vma->root;

	down_write(&root->rwsem);
	list_for_each (at, &vma->anon_vma_chain) {
		struct anon_vma *anon_vma = chain_of(at)->anon_vma;

		interval_remove(&chain_of(at)->node, &anon_vma->rb_root);
		if (!anon_vma->rb_root.rb_root.rb_node)
			anon_vma->parent->num_children--;
	}
	vma->anon_vma->num_active_vmas--;
	vma->anon_vma = NULL;
	up_write(&root->rwsem);
	/* The lock is the root's, which may go now. */
	while (!list_empty(&vma->anon_vma_chain)) {
		struct anon_vma_chain *avc = chain_of(vma->anon_vma_chain.next);

		if (!avc->anon_vma->rb_root.rb_root.rb_node)
			put_anon_vma(avc->anon_vma);
		list_del(&avc->same_vma);
		kmem_cache_free(anon_vma_chain_cachep, avc);
	}
}

/* ---- edges --------------------------------------------------------------------------------- */

static struct address_space *mapping_of(const struct vm_area_struct *vma)
{
	return vma->vm_file ? vma->vm_file->f_mapping : NULL;
}

void rmap_begin_change_slow(struct vm_area_struct *vma)
{
	struct address_space *mapping = mapping_of(vma);

	if (mapping) {
		down_write(&mapping->i_mmap_rwsem);
		interval_remove(&vma->shared, &mapping->i_mmap);
	}
	if (!vma->anon_vma)
		return;
	down_write(&vma->anon_vma->root->rwsem);
	list_for_each (at, &vma->anon_vma_chain)
		interval_remove(&chain_of(at)->node, &chain_of(at)->anon_vma->rb_root);
}

void rmap_end_change_slow(struct vm_area_struct *vma)
{
	struct address_space *mapping = mapping_of(vma);

	if (vma->anon_vma) {
		list_for_each (at, &vma->anon_vma_chain) {
			set_interval(&chain_of(at)->node, vma);
			interval_insert(&chain_of(at)->node, &chain_of(at)->anon_vma->rb_root);
		}
		up_write(&vma->anon_vma->root->rwsem);
	}
	if (mapping) {
		set_interval(&vma->shared, vma);
		interval_insert(&vma->shared, &mapping->i_mmap);
		up_write(&mapping->i_mmap_rwsem);
	}
}

void link_file_vma_slow(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file->f_mapping;

	down_write(&mapping->i_mmap_rwsem);
	set_interval(&vma->shared, vma);
	interval_insert(&vma->shared, &mapping->i_mmap);
	up_write(&mapping->i_mmap_rwsem);
}

void unlink_file_vma_slow(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file->f_mapping;

	down_write(&mapping->i_mmap_rwsem);
	interval_remove(&vma->shared, &mapping->i_mmap);
	up_write(&mapping->i_mmap_rwsem);
}

/* ---- verifying ----------------------------------------------------------------------------- */

static const char *link_fault(const struct vm_area_struct *vma, const struct anon_vma_chain *avc)
{
	if (avc->vma != vma)
		return "a link of its chain is another area's";
	if (avc->node.start != vma->vm_pgoff ||
	    avc->node.last != vma->vm_pgoff + vma_pages(vma) - 1)
		return "a link of its chain has other pages";
	if (avc->anon_vma->root != vma->anon_vma->root)
		return "its chain is of two families";
	return interval_fault(&avc->anon_vma->rb_root);
}

const char *anon_vma_fault(const struct vm_area_struct *vma)
{
	bool own = false;

	if (!vma->anon_vma != list_empty(&vma->anon_vma_chain))
		return "it has a chain without an anon_vma, or the other way round";
	list_for_each (at, &vma->anon_vma_chain) {
		const char *fault = link_fault(vma, chain_of(at));

		if (fault)
			return fault;
		own |= chain_of(at)->anon_vma == vma->anon_vma;
	}
	return vma->anon_vma && !own ? "its anon_vma is not in its chain" : NULL;
}
