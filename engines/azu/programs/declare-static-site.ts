import type { Input } from '@pulumi/pulumi'
import type { ProgramContext, ProgramOutputs } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { OWN } from '../own-types.ts'
import { fileOf } from './file-of.ts'
import { declarePlace, declareThere } from './place.ts'

/** A Static Web App of the free plan and its content. `settings` is the environment of its function, where it has one. */
export function declareStaticSite(
  context: Pick<ProgramContext<'site' | 'function'>, 'component' | 'slug' | 'region' | 'artifact'>,
  settings?: Record<string, Input<string>>,
): ProgramOutputs {
  const { component, slug, region, artifact } = context
  const { name } = component
  const place = declarePlace(name, slug, region)
  const site = declareThere(
    'web:StaticSite',
    `${name}-site`,
    place,
    { name: slug, sku: { name: 'Free', tier: 'Free' }, stagingEnvironmentPolicy: 'Disabled' },
    ['name', 'defaultHostname'],
  )
  const content = declareByType(
    OWN.siteContent,
    `${name}-content`,
    {
      resourceGroupName: place.resourceGroupName,
      siteName: site.name,
      // Another one when the app was made anew: then its content has to come again.
      host: site.defaultHostname,
      ...fileOf(name, artifact),
      ...(settings === undefined ? {} : { settings }),
    },
    {},
    ['url'],
  )
  return { url: content.url, site: site.id }
}
