import type { Command } from 'commander'
import type { Client } from './client.ts'
import type { Terminal } from './terminal.ts'

/** One verb of the command line: the default export of `commands/<verb>.ts`, loaded only when it is asked for. */
export interface Verb {
  summary: string
  /** Left out of `--help`: for processes that start processes. */
  hidden?: boolean
  /** Declares arguments, options, sub-verbs and what they do. */
  declare(command: Command, action: Action): void
}

/** Options that every verb takes. */
export interface GlobalOptions {
  json?: boolean
  url?: string
  token?: string
  data?: string
}

export interface Call<O> {
  args: string[]
  options: O & GlobalOptions
  terminal: Terminal
  /** Finds the platform and makes a client of it. Asks nothing of the network yet. */
  platform(): Promise<Client>
}

/** Turns work into what commander calls. Its promise gives the exit code. */
export type Action = <O = object>(work: (call: Call<O>) => Promise<number>) => (...given: unknown[]) => Promise<void>
