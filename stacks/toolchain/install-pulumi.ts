import { fileURLToPath } from 'node:url'
import { run } from './run.ts'
import { PULUMI_VERSION } from './version.ts'

/** The installer loads about 100 MB: enough for a slow line, and an end where the vendor's address leads nowhere. */
const INSTALL_MS = 300_000

export interface ProvideOptions {
  /** An empty folder, on the same file system as the place the tool will have. The tool comes to `bin/pulumi` in it. */
  folder: string
  environment: Record<string, string | undefined>
  report: (line: string) => void
  signal?: AbortSignal
}

/**
 * The Pulumi CLI by the SDK's own installer. In a process of its own, since the SDK's call can neither be stopped nor
 * given a time limit.
 */
export async function installPulumi({ folder, environment, report, signal }: ProvideOptions): Promise<void> {
  report(`Pulumi CLI: asking the SDK's installer for ${PULUMI_VERSION}`)
  const script = fileURLToPath(new URL('./sdk-installer.ts', import.meta.url))
  await run(process.execPath, [script, folder, PULUMI_VERSION], {
    environment: { ...environment, TMPDIR: folder },
    timeoutMs: INSTALL_MS,
    ...(signal === undefined ? {} : { signal }),
  })
}
