// On a machine the file itself lies here, beside the script that it names.
export { enterImage } from '../../../parts/container/enter.mjs'
