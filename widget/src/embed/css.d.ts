// A stylesheet that the build takes beside the script.

declare module "*.css";
