import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Runs `work` while no other set-up of the same checkout runs: two installations at once would delete each other's files.
 * A lock whose holder is dead is taken over.
 *
 * @template T
 * @param {string} root
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(root, work) {
  const path = join(root, '.setup.lock')
  let told = false
  while (!take(path)) {
    if (!told) process.stderr.write('Waiting for another set-up of this checkout to end\n')
    told = true
    await pause(250)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    // In a checkout of somebody else nothing can be installed, so there is nothing to lock.
    if (error.code === 'EACCES' || error.code === 'EROFS') return true
    if (error.code !== 'EEXIST') throw error
    if (!isAlive(path)) rmSync(path, { force: true })
    return false
  }
}

/** @param {string} path */
function isAlive(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    // Empty for the moment between creation and writing, or for good when the holder died right there.
    if (pid === 0) return Date.now() - statSync(path).mtimeMs < 5_000
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
