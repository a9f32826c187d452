import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

// The record in node_modules/.pipi, which the launcher `pipi` reads too:
//   package-lock.json  what is installed
//   node               link to the Node that was found to run
//   node-file          what `ls -lLi` says of it, so that a replaced Node is noticed without starting it

/**
 * The Node to use, when everything is as it was recorded.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function isReady(root) {
  const ready = join(root, 'node_modules/.pipi')
  try {
    if (!readFileSync(join(ready, 'package-lock.json')).equals(readFileSync(join(root, 'package-lock.json'))))
      return undefined
    if (readFileSync(join(ready, 'node-file'), 'utf8').trim() !== describe(ready)) return undefined
    return readlinkSync(join(ready, 'node'))
  } catch {
    return undefined
  }
}

/**
 * Records that all is well. Where the checkout belongs to somebody else there is no record: then every start checks anew.
 *
 * @param {string} root
 * @param {string} node
 */
export function markReady(root, node) {
  const ready = join(root, 'node_modules/.pipi')
  try {
    mkdirSync(ready, { recursive: true })
    const link = join(ready, `node.${process.pid}`)
    rmSync(link, { force: true })
    symlinkSync(node, link)
    renameSync(link, join(ready, 'node'))
    writeFileSync(join(ready, 'node-file'), `${describe(ready)}\n`)
    copyFileSync(join(root, 'package-lock.json'), join(ready, 'package-lock.json'))
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error
  }
}

/** @param {string} ready */
function describe(ready) {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LC_ALL: 'C' } }
  return execFileSync('ls', ['-lLi', join(ready, 'node')], options).trim()
}
