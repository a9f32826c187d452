import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placesOf } from '../../../../../engines/parts/build/walls/places.ts'
import { tempFolder } from '../../../../helpers/temp.ts'

describe('what a build sees of this host', () => {
  it('is the system, the tools and what they are links to, never what is ours, even inside them', async () => {
    const root = await tempFolder('places')
    await mkdir(join(root, 'tools/bin'), { recursive: true })
    await mkdir(join(root, 'a\nread /root'), { recursive: true })
    const lines = await placesOf(
      [join(root, 'tools/bin'), join(root, 'a\nread /root'), '/usr/bin', '/bin', '/nowhere'],
      '/usr/share/doc',
    )
    expect(lines).toContain('read /usr')
    expect(lines).toContain(`read ${join(root, 'tools/bin')}`)
    expect(lines.indexOf('hide /usr/share/doc')).toBeGreaterThan(lines.indexOf('read /usr'))
    for (const place of [
      'read /usr/bin',
      'read /bin',
      'read /nowhere',
      'read /root',
      'read /home',
      'read /tmp',
      'read /var',
    ])
      expect(lines).not.toContain(place)
  })
})
