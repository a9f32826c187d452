import { ensurePulumi } from '../../stacks/toolchain/ensure-pulumi.ts'
import { readSettings, toolEnvironment } from '../config.ts'
import type { Terminal } from './terminal.ts'

/** Gets what a platform needs and this machine lacks, and shows how far it is: the first time it can take minutes. */
export async function prepareTools(terminal: Terminal, signal: AbortSignal): Promise<void> {
  let drawn = false
  const report = (line: string) => {
    if (!terminal.live) return terminal.note(line)
    terminal.draw(`\r\u001b[K${line.slice(0, terminal.width - 1)}`)
    drawn = true
  }
  try {
    await ensurePulumi({ cacheDir: readSettings().cache, environment: toolEnvironment(), report, signal })
  } finally {
    if (drawn) terminal.draw('\n')
  }
}
