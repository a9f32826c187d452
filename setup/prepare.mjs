import { areInstalled, install } from './dependencies.mjs'
import { findNode } from './find-node.mjs'
import { runInstallScripts } from './install-scripts.mjs'
import { withLock } from './lock.mjs'
import { isReady, markReady } from './ready.mjs'

/**
 * Makes sure of dependencies and of Node 24, and gives that Node's path. When the record of the last time still holds,
 * nothing is looked at (some milliseconds).
 *
 * @param {string} root folder of the checkout
 * @returns {Promise<string>}
 */
export async function prepare(root) {
  const known = isReady(root)
  if (known !== undefined) return known
  return await withLock(root, async () => {
    if (!areInstalled(root)) await install(root)
    await runInstallScripts(root)
    const node = await findNode(root)
    markReady(root, node)
    return node
  })
}
