/** Owns reading Thrift's compact protocol, as Parquet's headers are written. Never writes, and knows no field's meaning. */

export type ThriftValue = number | bigint | boolean | string | ThriftStruct | readonly ThriftValue[];
/** Fields by their number; integers beyond 2^53 are not met in Parquet and would lose digits. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Reads values at an offset that moves along. */
export class ThriftReader {
  readonly #bytes: Buffer;
  offset: number;
  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  struct(): ThriftStruct {
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const delta = head >> 4;
      id = delta === 0 ? this.#zigzag() : id + delta;
      fields.set(id, this.#value(head & 15));
    }
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  #byte(): number {
    if (this.offset >= this.#bytes.length) throw new RangeError('Thrift data breaks off');
    return this.#bytes[this.offset++];
  }

  #zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Types of the compact protocol: 1, 2 booleans; 3 byte; 4, 5, 6 integers; 7 double; 8 binary; 9, 10 list, set; 12 struct. */
  #value(type: number): ThriftValue {
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return this.#byte();
      case 4:
      case 5:
      case 6:
        return this.#zigzag();
      case 7:
        this.offset += 8;
        return this.#bytes.readDoubleLE(this.offset - 8);
      case 8: {
        const length = this.varint();
        this.offset += length;
        return this.#bytes.toString('utf8', this.offset - length, this.offset);
      }
      case 9:
      case 10:
        return this.#list();
      case 12:
        return this.struct();
      default:
        throw new RangeError(`Thrift type ${type} is not met in Parquet`);
    }
  }

  #list(): readonly ThriftValue[] {
    const head = this.#byte();
    const length = head >> 4 === 15 ? this.varint() : head >> 4;
    const type = head & 15;
    // In lists a boolean is a byte of its own: 1 is true.
    return Array.from({ length }, () => (type === 1 || type === 2 ? this.#byte() === 1 : this.#value(type)));
  }
}
