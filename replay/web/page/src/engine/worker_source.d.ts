// The build compiles a worker's program by itself and hands it over as text.
declare module "worker:*" {
  const source: string;
  export default source;
}
