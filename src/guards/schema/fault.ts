/** Something wrong in a schema document, and where. Collected at load and shown with file and line. */
export class SchemaFault extends Error {
  override readonly name = 'SchemaFault';
  /** As written in the configuration, or reached from there by `$ref`. */
  readonly file: string;
  readonly line: number | undefined;

  constructor(message: string, file: string, line?: number) {
    super(message);
    this.file = file;
    this.line = line;
  }
}
