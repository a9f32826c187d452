export const PROJECT = 'ibm:codeengine/project:Project'
export const SECRET = 'ibm:codeengine/secret:Secret'
export const FUNCTION = 'ibm:codeengine/function:Function'
export const INSTANCE = 'ibm:cloudant/instance:Instance'
export const DATABASE = 'ibm:cloudant/database:Database'
export const KEY = 'ibm:resource/key:Key'
/** Any other service: made by hand, and charged. */
export const OTHER = 'ibm:resource/instance:Instance'
