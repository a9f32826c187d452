/** What one free app takes of files, MB: meter `app-size` of Static Web Apps in the catalogue. */
export const SITE_MB = 250
/** Meter `storage` of the free App Service plan is 1 GB, and its deployment service keeps the last five zips. */
export const APP_MB = 150
/** The most memory that an app of the free App Service plan has, MiB. */
export const APP_MEMORY_MB = 1024
/** The longest that a request to a function of a Static Web App may take. */
export const FUNCTION_S = 45
