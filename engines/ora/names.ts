/** Freeform tags by which demand knows how much a bucket of ours is expected to hold (GB) and to be asked a month. */
export const HOLDS = 'pipi-gb'
export const READS = 'pipi-requests'

/** The machine that carries a workspace, and its way to its releases: names of resources, which no component's can be. */
export const MACHINE = '_machine'
export const TICKET = '_ticket'
