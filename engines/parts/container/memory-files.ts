/**
 * MiB that a program behind walls can fill beside what it holds itself: file systems that the kernel keeps in memory, as
 * `/dev/shm`. Nobody who looks at processes sees them, so they count beside the grant of memory.
 */
export const MEMORY_FILES_MIB = 21
