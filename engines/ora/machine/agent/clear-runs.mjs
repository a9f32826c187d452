import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a run's folder is named by, so that one whose end nobody saw is known later. */
export const RUN = 'run-'

/**
 * Removes what one run wrote, whatever it made of it: closed folders too, and where the last of its processes are still ending.
 * Never throws, since one component must not end the agent of all: what stays is removed at the agent's next start.
 */
export async function clearRun(folder, log) {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  await remove()
    .catch(() =>
      run('chmod', ['-R', 'u+rwX', '--', folder])
        .catch(() => undefined)
        .then(remove),
    )
    .catch((error) => log(`what a run wrote could not be removed: ${error.message}`))
}

/** Removes what runs left that nobody saw the end of. */
export async function clearRuns(homes, log) {
  for (const home of await namesIn(homes))
    for (const name of await namesIn(join(homes, home)))
      if (name.startsWith(RUN)) await clearRun(join(homes, home, name), log)
}

function namesIn(folder) {
  return readdir(folder).catch(() => [])
}
