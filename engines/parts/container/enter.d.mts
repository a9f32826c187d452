import type { ContainerStart } from './start-of.ts'

export interface Entering {
  /** Of this run alone. What the image's program writes goes into it, and with it. */
  folder: string
  /** The image's files, made ready (`prepareRoot`). */
  image: string
  who: Pick<ContainerStart, 'at' | 'uid' | 'gid'>
  /** As root: the number of whom it is outside. Left out: whoever we are. */
  owner?: number
  /** Set only once all rights but those to get in are gone: a variable can make a program load anything. */
  environment: Readonly<Record<string, string>>
  /** Folders of this machine that are seen as they are; each has its mount point in the image. */
  seen?: readonly string[]
  /** Whether the image's files may be written over. Left out: they may. */
  written?: boolean
}

/**
 * Makes a run's folder what enter.sh takes, and gives the way in: the command's own words are to follow. As root `upper`
 * and `tmp` in the folder, and the image's files, are to be given to `owner` before.
 */
export declare function enterImage(entering: Entering): string[]

/** A shell's lines that set variables. */
export declare function exported(environment: Readonly<Record<string, string>>): string
