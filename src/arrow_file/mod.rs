//! The Arrow IPC file format: a magic, the messages of a stream, and a footer that says where each
//! lies. Follows the "IPC File Format" section of the Arrow columnar format.
