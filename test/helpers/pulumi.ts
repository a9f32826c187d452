import { cacheFolder } from '../../stacks/toolchain/cache-folder.ts'
import { ensurePulumi } from '../../stacks/toolchain/ensure-pulumi.ts'

let known: Promise<{ path: string; version: string }> | undefined

/** The real Pulumi CLI, asked once in each test file for its version; `npm test` has seen to it that it is there. */
export function realPulumi(): Promise<{ path: string; version: string }> {
  known ??= ensurePulumi({ cacheDir: cacheFolder(process.env), environment: process.env, report: console.error })
  return known
}

export async function pulumiPath(): Promise<string> {
  return (await realPulumi()).path
}
