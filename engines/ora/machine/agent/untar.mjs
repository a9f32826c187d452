import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Unpacks a tar.gz of ours into a folder. What is in it was laid out where it was packed: no name leaves the folder. */
export async function untar(bytes, folder) {
  const tar = spawn('tar', ['-xzpf', '-', '--no-same-owner', '-C', folder], { stdio: ['pipe', 'inherit', 'inherit'] })
  // One that ended early says why by its code.
  tar.stdin.on('error', () => {})
  tar.stdin.end(bytes)
  const [code] = await once(tar, 'exit')
  if (code !== 0) throw new Error(`an image could not be unpacked: tar ended with ${code}`)
}
