import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { Built } from '../../contract/engine.ts'
import type { BuildOrder } from './build-component.ts'
import { clearFolder } from './clear-folder.ts'
import { buildOnGitHub } from './github/build-on-github.ts'
import { keepArtifact } from './keep-artifact.ts'
import { buildLimits } from './limits.ts'
import { locateResult } from './locate-result.ts'

/** Has a component built by the GitHub Actions of its own repository; what comes back is the finished result. */
export async function handOver(order: BuildOrder): Promise<Built> {
  const { component, git, settings = {}, artifacts, workFolder, signal, log } = order
  const { github } = component.build
  if (github === undefined || git === undefined) {
    throw refused(
      'needs a source in git, and this one was sent along',
      'Deploy it by its address on GitHub, or leave build.github out.',
    )
  }
  // The token is the owner's: nobody else starts workflows with it.
  if (!git.local)
    throw refused('is open to the owner of this platform only', 'Leave build.github out: then the engine builds it.')
  if (settings.github === undefined)
    throw refused(
      'needs a token for GitHub',
      'Set PIPI_GITHUB_TOKEN where the platform is started: a token that may write to Actions.',
    )
  const limits = buildLimits(settings.limits)
  const folder = join(workFolder, 'github')
  try {
    await buildOnGitHub({
      ...git,
      ...github,
      ...settings.github,
      api: settings.github.api,
      component: component.name,
      ...{ folder, signal, log, timeMs: limits.timeMs, bytes: limits.workBytes, entries: limits.workEntries },
    })
    const root = join(folder, 'files')
    const finished = { ...component, path: '.', build: {} }
    const place = { folder: root, root, before: root }
    const result = await locateResult({ component: finished, detected: { tool: 'github' }, ...place, settings })
    const { made, ...kept } = result
    return { ...(await keepArtifact(kept, artifacts, limits)), made }
  } finally {
    await clearFolder(workFolder)
  }
}

function refused(why: string, hint: string): PipiError {
  return new PipiError('build.failed', `A build by GitHub Actions ${why}`, { hint })
}
