/** Regions of the simulated Google Cloud. */
export const REGIONS: ReadonlySet<string> = new Set(
  'us-central1 us-east1 us-east4 us-west1 us-west2 us-west3 us-west4 northamerica-northeast1 southamerica-east1 europe-west1 europe-west2 europe-west3 europe-west4 europe-west6 europe-north1 asia-east1 asia-northeast1 asia-south1 asia-southeast1 australia-southeast1'.split(
    ' ',
  ),
)

export const MULTI_REGIONS: ReadonlySet<string> = new Set(['US', 'EU', 'ASIA'])
