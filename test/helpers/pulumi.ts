import { cacheFolder } from '../../stacks/toolchain/cache-folder.ts'
import { ensurePulumi } from '../../stacks/toolchain/ensure-pulumi.ts'

/** Path of the real Pulumi CLI; `npm test` has seen to it that it is there. */
export async function pulumiPath(): Promise<string> {
  return (await ensurePulumi({ cacheDir: cacheFolder(process.env), environment: process.env, report: console.error }))
    .path
}
