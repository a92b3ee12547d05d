/* How to allocate. Corresponds to Linux include/linux/gfp.h; the bits have Linux 2.6's values. */
#pragma once

#include "arch/types.h"

#define __GFP_DMA 0x01u	    /* only below MAX_DMA_ADDRESS */
#define __GFP_HIGHMEM 0x02u /* high memory will do */
#define __GFP_WAIT 0x10u    /* may sleep */
#define __GFP_HIGH 0x20u    /* may use the emergency reserve */
#define __GFP_IO 0x40u	    /* may start I/O */
#define __GFP_FS 0x80u	    /* may call into file systems */
#define __GFP_NOWARN 0x200u /* no message on failure */
#define __GFP_ZERO 0x8000u  /* the page comes zeroed */
#define GFP_KNOWN 0x82F3u   /* every bit above */

#define GFP_ATOMIC (__GFP_HIGH)
#define GFP_KERNEL (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_USER GFP_KERNEL
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_DMA __GFP_DMA
