import { expect, it } from 'vitest'
import { readBehaviour } from '../../../engines/contract/behaviour.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { pluginVersion } from '../../../platform/engine/plugin-version.ts'
import { sdkVersion } from '../../../stacks/toolchain/sdk-version.ts'
import { tempFolder } from '../../helpers/temp.ts'

it('a plugin is started in the version of its SDK, else in the one that its engine was written for', async () => {
  expect(await pluginVersion(await loadEngine('aws'), 'aws')).toBe(sdkVersion('aws'))
  expect(sdkVersion('aws')).toMatch(/^\d+\.\d+\.\d+$/)
  const ora = await loadEngine('ora')
  expect(sdkVersion('oci')).toBeUndefined()
  expect(await pluginVersion(ora, 'oci')).toBe((await readBehaviour(ora.folder)).plugins.oci)
  expect(await pluginVersion({ folder: await tempFolder('engine') }, 'nobodys')).toBeUndefined()
})
